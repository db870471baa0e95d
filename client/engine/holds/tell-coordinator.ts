import { readHolds } from '../../../activities/adapters/postgres/holds.ts';
import { coordinatorIdOf, HOLDS_SIGNAL } from '#domain/coordination/coordinator-input.ts';
import type { Holds } from '#domain/coordination/holds.ts';
import type { EngineDeps } from '../engine.ts';
import { patientRead } from '../patient-read.ts';
import { readCallFailure } from '../runs/temporal-errors.ts';
import { waitForPart } from '../wait-for-part.ts';

/** What is in force after a change, and whether the coordinator has heard of it. */
export interface ToldHolds {
  readonly holds: Holds;
  /** False: Temporal did not answer. The coordinator finds out by itself, before it lets in a run that is started from now on. */
  readonly isTold: boolean;
}

/** Tells the environment's coordinator what is in force now. One that is not open reads it when it opens. Never fails for Temporal. */
export async function tellCoordinator(deps: EngineDeps, environment: string): Promise<ToldHolds> {
  const holds = await patientRead(deps, (pool) => readHolds(pool, environment));
  const { temporalAddress: address, waitForPartMs: forMs } = deps.settings;
  const isPassing = (error: unknown): boolean => readCallFailure(error).kind === 'unreachable';
  try {
    // Repeated freely: the coordinator takes a snapshot once.
    await waitForPart({ part: 'Temporal', address, forMs, note: () => undefined, isPassing }, () =>
      signal(deps, environment, holds),
    );
    return { holds, isTold: true };
  } catch {
    return { holds, isTold: false };
  }
}

async function signal(deps: EngineDeps, environment: string, holds: Holds): Promise<void> {
  const client = await deps.temporal();
  try {
    await client.workflow.getHandle(coordinatorIdOf(environment)).signal(HOLDS_SIGNAL, holds);
  } catch (error) {
    if (readCallFailure(error).kind !== 'gone') throw error;
  }
}
