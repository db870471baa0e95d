/** What was deployed: table `releases`. */
import type { Arm } from '#domain/containers/route.ts';
import type { PlannedApplication } from '#domain/plan/container-plan.ts';
import { jsonText } from './json-text.ts';
import type { Connection, Pool } from './pool.ts';

export type ReleaseState = 'staging' | 'stable' | 'retired' | 'withdrawn';

export interface ReleaseRow {
  readonly environment: string;
  readonly application: string;
  readonly release: number;
  readonly run: string;
  readonly planId: string;
  readonly generation: number;
  readonly version: string;
  readonly digest: string;
  readonly arm: Arm;
  /** Where clients reach it. */
  readonly listenPort: number;
  /** The application as it was planned: enough to start it again. */
  readonly spec: PlannedApplication;
  readonly state: ReleaseState;
  /** The release that served before it; null: none did. */
  readonly before: number | null;
}

const SELECT = `select environment, application, release, run_id as run, plan_id as "planId",
    generation::float8 as generation, version, digest, arm, listen_port as "listenPort", spec, state,
    before_release as before from releases`;

export async function releaseOfRun(database: Connection | Pool, run: string): Promise<ReleaseRow | null> {
  const { rows } = await database.query<ReleaseRow>(`${SELECT} where run_id = $1`, [run]);
  return rows[0] ?? null;
}

export interface ReleaseKey {
  readonly environment: string;
  readonly application: string;
  readonly release: number;
}

export async function readRelease(database: Connection | Pool, key: ReleaseKey): Promise<ReleaseRow | null> {
  const { rows } = await database.query<ReleaseRow>(
    `${SELECT} where environment = $1 and application = $2 and release = $3`,
    [key.environment, key.application, key.release],
  );
  return rows[0] ?? null;
}

/** The one in use, or null. */
export async function stableRelease(
  database: Connection | Pool,
  environment: string,
  application: string,
): Promise<ReleaseRow | null> {
  const { rows } = await database.query<ReleaseRow>(
    `${SELECT} where environment = $1 and application = $2 and state = 'stable'`,
    [environment, application],
  );
  return rows[0] ?? null;
}

export async function insertRelease(connection: Connection, row: ReleaseRow): Promise<void> {
  await connection.query(
    `insert into releases (environment, application, release, run_id, plan_id, generation, version, digest, arm, listen_port, spec,
       state, before_release)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      row.environment,
      row.application,
      row.release,
      row.run,
      row.planId,
      row.generation,
      row.version,
      row.digest,
      row.arm,
      row.listenPort,
      jsonText(row.spec),
      row.state,
      row.before,
    ],
  );
}

/** Makes it the stable one, and the stable one before it retired. Repeated freely. */
export async function markStable(connection: Connection, key: ReleaseKey): Promise<void> {
  const { environment, application, release } = key;
  await connection.query(
    `update releases set state = 'retired', ended_at = now()
     where environment = $1 and application = $2 and state = 'stable' and release <> $3`,
    [environment, application, release],
  );
  await connection.query(
    `update releases set state = 'stable', stable_at = coalesce(stable_at, now()), ended_at = null
     where environment = $1 and application = $2 and release = $3`,
    [environment, application, release],
  );
}

export async function markWithdrawn(connection: Connection, { environment, application, release }: ReleaseKey) {
  await connection.query(
    `update releases set state = 'withdrawn', ended_at = now()
     where environment = $1 and application = $2 and release = $3 and state <> 'withdrawn'`,
    [environment, application, release],
  );
}

/** Notes that the release's share of the traffic changes now, unless a later run has its place. */
export async function markShifted(database: Connection | Pool, run: string): Promise<void> {
  await database.query(
    `update releases r set shifted_at = clock_timestamp() from application_places p
     where r.run_id = $1 and p.environment = r.environment and p.application = r.application
       and p.generation = r.generation`,
    [run],
  );
}

/** When its share changed last; null before the first change. */
export async function shiftedAt(pool: Pool, run: string): Promise<string | null> {
  const { rows } = await pool.query<{ at: Date | null }>('select shifted_at as at from releases where run_id = $1', [
    run,
  ]);
  return rows[0]?.at?.toISOString() ?? null;
}
