import { openEmergency } from '../../../activities/adapters/postgres/emergencies.ts';
import type { Connection, Pool } from '../../../activities/adapters/postgres/pool.ts';
import { readRun } from '../../../activities/adapters/postgres/runs.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { RunId } from '#domain/ids.ts';
import type { Plan } from '#domain/plan/plan.ts';
import type { EngineDeps } from '../engine.ts';
import { refusePinned } from '../holds/refuse-pinned.ts';
import { patientRead } from '../patient-read.ts';

/**
 * What keeps a run from being started, asked before others are cancelled for it; a run that was written by an earlier try
 * has passed. `run`: chosen beforehand. Throws EMERGENCY_OPEN, VERSION_PINNED, RUN_ALREADY_CLOSED.
 */
export async function refuseBeforeStart(deps: EngineDeps, plan: Plan, run: RunId | undefined): Promise<void> {
  const written = run === undefined ? null : await patientRead(deps, (pool) => readRun(pool, run));
  if (written?.closed === true) throw sluiceError('RUN_ALREADY_CLOSED', { run: written.run, phase: written.phase });
  if (written !== null) return;
  await patientRead(deps, (pool) => refuseInEmergency(pool, plan.environment.name));
  await refusePinned(deps, plan);
}

/** Throws EMERGENCY_OPEN while the whole environment is taken back. */
export async function refuseInEmergency(database: Connection | Pool, environment: string): Promise<void> {
  const open = await openEmergency(database, environment);
  if (open) throw sluiceError('EMERGENCY_OPEN', { environment, emergency: open.id });
}
