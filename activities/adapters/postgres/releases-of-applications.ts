/** What was deployed where, as clients read it: tables `releases` and `application_places`. */
import type { PlannedApplication } from '#domain/plan/container-plan.ts';
import type { PromotedFrom } from '#domain/plan/plan-base.ts';
import type { Iso } from '#domain/time.ts';
import type { Connection, Pool } from './pool.ts';

/** A release that is or was stable. */
export interface KeptRelease {
  readonly environment: string;
  readonly application: string;
  readonly release: number;
  readonly run: string;
  readonly version: string;
  readonly digest: string;
  /** Its plan's application: enough to make it again. */
  readonly spec: PlannedApplication;
  readonly state: 'stable' | 'retired';
  readonly stableAt: Iso;
  /** Null: it was not promoted, or its plan is lost. */
  readonly promotedFrom: PromotedFrom | null;
}

interface Row extends Omit<KeptRelease, 'stableAt'> {
  readonly stableAt: Date;
}

const SELECT = `select environment, application, release, run_id as run, version, digest, spec, state, stable_at as "stableAt",
    (select document->'promotedFrom' from plans p where p.plan_id = releases.plan_id) as "promotedFrom"
  from releases where state in ('stable', 'retired') and stable_at is not null`;

/** The last `most` releases of an application that became stable, the one in use first. */
export async function readKeptReleases(
  database: Connection | Pool,
  place: { readonly environment: string; readonly application: string },
  most: number,
): Promise<KeptRelease[]> {
  const { rows } = await database.query<Row>(
    `${SELECT} and environment = $1 and application = $2
     order by state = 'stable' desc, stable_at desc, release desc limit $3`,
    [place.environment, place.application, most],
  );
  return rows.map(keptOf);
}

/** What is in use of every application, by environment and name. */
export async function readStableReleases(database: Connection | Pool): Promise<KeptRelease[]> {
  const { rows } = await database.query<Row>(`${SELECT} and state = 'stable' order by environment, application`);
  return rows.map(keptOf);
}

const keptOf = (row: Row): KeptRelease => ({ ...row, stableAt: row.stableAt.toISOString() });

/** Where clients reach an application. */
export interface ApplicationPlace {
  readonly environment: string;
  readonly host: string | null;
  readonly port: number;
}

/** The environments in which an application has its port. */
export async function readApplicationPlaces(
  database: Connection | Pool,
  application: string,
): Promise<ApplicationPlace[]> {
  const { rows } = await database.query<ApplicationPlace>(
    `select environment, route->'listen'->>'host' as host, listen_port as port
     from application_places where application = $1 order by environment`,
    [application],
  );
  return rows;
}
