import { listRuns as readRuns, type RunRow } from '../../../activities/adapters/postgres/runs.ts';
import type { EngineDeps } from '../engine.ts';
import { loadEnvironment } from '../environments/load-environment.ts';
import { patientRead } from '../patient-read.ts';
import { runFilterOf, type RunWish } from './run-filter.ts';

/** Runs, the latest first. Throws USAGE for a phase or a time that is none, ENVIRONMENT_UNKNOWN. */
export async function listRuns(deps: EngineDeps, wish: RunWish): Promise<RunRow[]> {
  const filter = runFilterOf(wish, new Date().toISOString());
  const rows = await patientRead(deps, (pool) => readRuns(pool, filter));
  // One that never had a run is as empty as one that nobody knows.
  if (rows.length === 0 && wish.environment !== undefined) await loadEnvironment(deps, wish.environment);
  return rows;
}
