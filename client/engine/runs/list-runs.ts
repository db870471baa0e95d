import { listRuns as readRuns, type RunFilter, type RunRow } from '../../../activities/adapters/postgres/runs.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { PHASES } from '#domain/run/run-state.ts';
import type { EngineDeps } from '../engine.ts';
import { loadEnvironment } from '../environments/load-environment.ts';
import { patientRead } from '../patient-read.ts';

/** Runs, the latest first. Throws USAGE for a phase that does not exist, ENVIRONMENT_UNKNOWN. */
export async function listRuns(deps: EngineDeps, filter: RunFilter): Promise<RunRow[]> {
  const { phase } = filter;
  if (phase !== undefined && !PHASES.some((known) => known === phase)) {
    throw sluiceError('USAGE', { why: `there is no phase ${phase}` }, { where: '--phase', hint: PHASES.join(', ') });
  }
  const rows = await patientRead(deps, (pool) => readRuns(pool, filter));
  // One that never had a run is as empty as one that nobody knows.
  if (rows.length === 0 && filter.environment !== undefined) await loadEnvironment(deps, filter.environment);
  return rows;
}
