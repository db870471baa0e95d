import { readRun, type RunRow } from '../../../activities/adapters/postgres/runs.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { runIdFrom } from '#domain/ids.ts';
import type { EngineDeps } from '../engine.ts';
import { patientRead } from '../patient-read.ts';

/** The run behind `exe_…` or `fleet-rollout/exe_…`. Throws RUN_NOT_FOUND. */
export async function findRun(deps: EngineDeps, text: string): Promise<RunRow> {
  const run = runIdFrom(text);
  if (run === null) {
    const place = { found: JSON.stringify(text), hint: 'a run is named exe_…   ·   sluice run list' };
    throw sluiceError('RUN_NOT_FOUND', { run: text }, place);
  }
  const row = await patientRead(deps, (pool) => readRun(pool, run));
  if (!row) throw sluiceError('RUN_NOT_FOUND', { run });
  return row;
}
