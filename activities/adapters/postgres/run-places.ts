/** What runs want of their environments, as their starters wrote it: column `place` of table `runs`. */
import type { PlaceWish } from '#domain/coordination/place.ts';
import type { PlanId } from '#domain/ids.ts';
import type { Connection, Pool } from './pool.ts';

export interface RunWithPlace {
  readonly run: string;
  readonly workflowId: string;
  readonly place: PlaceWish;
}

/** Starts in one environment come one after the other until the transaction ends: each knows those before it. */
export async function lockStarts(connection: Connection, environment: string): Promise<void> {
  await connection.query('select pg_advisory_xact_lock(hashtext($1))', [`sluice.starts.${environment}`]);
}

/** Higher than every one given before. */
export async function nextTicket(connection: Connection): Promise<number> {
  const { rows } = await connection.query<{ ticket: number }>("select nextval('run_tickets') as ticket");
  return rows[0]?.ticket ?? 0;
}

/** Open runs of the same subject in the environment, oldest first. */
export async function openRivals(
  connection: Connection,
  { environment, lock }: { readonly environment: string; readonly lock: string },
): Promise<{ readonly run: string; readonly planId: PlanId; readonly hasPlace: boolean }[]> {
  const { rows } = await connection.query<{ run: string; planId: PlanId; hasPlace: boolean }>(
    `select run_id as run, plan_id as "planId", place is not null as "hasPlace" from runs
     where environment = $1 and subject = $2 and not closed order by started_at, run_id`,
    [environment, lock],
  );
  return rows;
}

/** Those of `runs` that have chosen one of these devices. */
export async function runsWithTargets(
  connection: Connection,
  runs: readonly string[],
  things: readonly string[],
): Promise<string[]> {
  if (runs.length === 0 || things.length === 0) return [];
  const { rows } = await connection.query<{ run: string }>(
    'select distinct run_id as run from rollout_targets where run_id = any($1) and thing = any($2) and not skipped',
    [runs, things],
  );
  return rows.map(({ run }) => run);
}

/** Environments in which a run is open that asks for its place. */
export async function environmentsInUse(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ environment: string }>(
    'select distinct environment from runs where not closed and place is not null order by environment',
  );
  return rows.map(({ environment }) => environment);
}

/** Open runs of the environment that ask its coordinator for their place. */
export async function openRunsWithPlace(pool: Pool, environment: string): Promise<RunWithPlace[]> {
  const { rows } = await pool.query<RunWithPlace>(
    `select run_id as run, workflow_id as "workflowId", place from runs
     where environment = $1 and not closed and place is not null order by started_at, run_id`,
    [environment],
  );
  return rows;
}
