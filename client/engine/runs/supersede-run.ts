import { ulid } from 'ulid';
import type { StoredPlan } from '../../../activities/adapters/postgres/plans.ts';
import { readOpenRuns, type RunPlace, type RunRow } from '../../../activities/adapters/postgres/runs.ts';
import { SluiceError, sluiceError } from '#domain/errors/failure.ts';
import { lockOf } from '#domain/plan/plan-subject.ts';
import type { EngineDeps, Person } from '../engine.ts';
import { patientRead } from '../patient-read.ts';
import { sendCommand } from './send-command.ts';

/** What a run of the plan changes: nobody else may at the same time. */
export const placeOf = ({ plan }: StoredPlan): RunPlace => ({ environment: plan.environment.name, lock: lockOf(plan) });

/** DEPLOYMENT_IN_PROGRESS naming who holds the place. */
export function inProgress(
  { environment, lock }: RunPlace,
  { run, phase }: { readonly run: string; readonly phase: string },
): SluiceError {
  const what = lock === '' ? environment : `${environment} (application ${lock})`;
  return sluiceError('DEPLOYMENT_IN_PROGRESS', { environment: what, holder: run, phase });
}

interface Superseding {
  readonly stored: StoredPlan;
  readonly person: Person;
  /** The run that takes over: an earlier try may have written it already. */
  readonly by: string;
  /** Another run of the same plan is meant by this start: it stays. */
  readonly isOnly: boolean;
}

/**
 * Cancels every open run of the plan's application, those that wait included, but no way back. The new run queues behind
 * them, so that each puts its place in order before. Throws COMMAND_UNANSWERED.
 */
export async function supersede(deps: EngineDeps, { stored, person, by, isOnly }: Superseding): Promise<void> {
  const { name, verified } = person;
  const rivals = await patientRead(deps, (pool) => readOpenRuns(pool, placeOf(stored)));
  const reason = `superseded by plan ${stored.plan.planId}`;
  // The last first: none of them is to have its turn meanwhile.
  const isInTheWay = ({ run, place, planId }: RunRow): boolean =>
    run !== by && place?.priority !== 'rollback' && !(isOnly && planId === stored.plan.planId);
  for (const rival of rivals.filter(isInTheWay).toReversed()) {
    const args = { commandId: `cli_${ulid()}`, by: name, via: 'cli', verified, reason } as const;
    try {
      await sendCommand(deps, rival, { name: 'cancelRun', args });
    } catch (error) {
      if (!isOverAnyway(error)) throw error;
    }
  }
}

const isOverAnyway = (error: unknown): boolean =>
  error instanceof SluiceError && ['RUN_ALREADY_CLOSED', 'RUN_NOT_FOUND', 'RUN_STOPPING'].includes(error.code);
