/** What was tried where, and plans that repeat it elsewhere: tables `releases`, `runs` and `plans`. */
import { lockOf } from '#domain/plan/plan-subject.ts';
import type { Plan } from '#domain/plan/plan.ts';
import type { PromotedFrom } from '#domain/plan/plan-base.ts';
import type { PinnedImage } from '#domain/ports/container-engine.port.ts';
import type { Phase } from '#domain/run/run-state.ts';
import type { StoredPlan } from './plans.ts';
import type { Connection, Pool } from './pool.ts';

/** A version that a run brought into an environment. */
export interface Tried {
  /** The application or the firmware. */
  readonly subject: string;
  readonly run: string;
  readonly version: string;
  /** Of the image, `sha256:…`, or the SHA-256 of the firmware. */
  readonly digest: string;
  /** Of an application, as it was pinned. */
  readonly image: PinnedImage | null;
  /** Null: the run is not known any more. */
  readonly phase: Phase | null;
  /** It became the stable release; of firmware, its run completed. */
  readonly wasStable: boolean;
  /** What is in use there now. */
  readonly isCurrent: boolean;
}

/** Releases of applications in an environment, by name: the one in use first, then the latest; of one application, or of all. */
export async function readTriedReleases(
  database: Connection | Pool,
  environment: string,
  application: string | null,
): Promise<Tried[]> {
  const { rows } = await database.query<Tried>(
    `select r.application as subject, r.run_id as run, r.version, r.digest, r.spec->'image' as image, u.phase,
       r.stable_at is not null and r.state in ('stable', 'retired') as "wasStable", r.state = 'stable' as "isCurrent"
     from releases r left join runs u using (run_id)
     where r.environment = $1 and ($2::text is null or r.application = $2)
     order by r.application, r.state = 'stable' desc, r.release desc`,
    [environment, application],
  );
  return rows;
}

/** Rollouts of firmware in an environment, by name, the latest first; of one firmware, or of all. */
export async function readTriedFirmware(
  database: Connection | Pool,
  environment: string,
  firmware: string | null,
): Promise<Tried[]> {
  const { rows } = await database.query<Tried>(
    `select subject, run, version, digest, null as image, phase, phase = 'completed' as "wasStable",
       phase = 'completed' and row_number() over (partition by subject, phase = 'completed' order by started_at desc, run desc) = 1
         as "isCurrent"
     from (
       select p.document->'firmware'->>'name' as subject, u.run_id as run, p.document->'firmware'->>'version' as version,
         p.document->'firmware'->>'sha256' as digest, u.phase, u.started_at
       from runs u join plans p using (plan_id)
       where u.environment = $1 and u.kind = 'fleet-rollout'
     ) as tried
     where $2::text is null or subject = $2
     order by subject, "isCurrent" desc, started_at desc, run desc`,
    [environment, firmware],
  );
  return rows;
}

/** The latest run of an application in an environment, of one version or of any, be it that it never came to a release; null when there is none. */
export async function latestRunOf(
  database: Connection | Pool,
  { environment, application, version }: { environment: string; application: string; version: string | null },
): Promise<{ readonly run: string; readonly version: string; readonly phase: Phase } | null> {
  const { rows } = await database.query<{ run: string; version: string; phase: Phase }>(
    `select u.run_id as run, p.document->'application'->>'version' as version, u.phase
     from runs u join plans p using (plan_id)
     where u.environment = $1 and u.subject = $2 and u.kind = 'container-release'
       and ($3::text is null or p.document->'application'->>'version' = $3)
     order by u.started_at desc, u.run_id desc limit 1`,
    [environment, application, version],
  );
  return rows[0] ?? null;
}

/** Promotions into one place come one after the other: the second finds the plan of the first. Held until the transaction ends. */
export async function lockPromotions(connection: Connection, plan: Plan): Promise<void> {
  const place = `sluice.promotions.${plan.environment.name}.${lockOf(plan)}`;
  await connection.query('select pg_advisory_xact_lock(hashtext($1))', [place]);
}

const MOST_ALIKE = 20;

/** Plans by `author` that promote the same into the same environment and never ran, the latest first. */
export async function unusedPromotions(
  database: Connection | Pool,
  { environment, from, author }: { environment: string; from: PromotedFrom; author: string },
): Promise<StoredPlan[]> {
  const { rows } = await database.query<{ document: Plan; digest: string }>(
    `select document, digest from plans p
     where environment = $1 and author = $2 and document->'promotedFrom' = $3::jsonb
       and not exists (select from runs u where u.plan_id = p.plan_id)
     order by created_at desc, plan_id desc limit $4`,
    [environment, author, JSON.stringify(from), MOST_ALIKE],
  );
  return rows.map(({ document, digest }) => ({ plan: document, digest }));
}
