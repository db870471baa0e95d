import { addMs } from '#domain/time.ts';
import type { RollBackInput, RollbackOutcome } from '#domain/ports/fleet.port.ts';
import { now } from '../runtime/clock.ts';
import { fleetActivities, runRef, type RunContext } from './run-context.ts';

const FLEET = 'fleet';

/** Registers, before the first offer, how all devices of the run come back. All waves return together: that is quickest. */
export function registerWayBack(run: RunContext): void {
  run.compensations.register({ id: FLEET, undo: (reason) => rollBackFleet(run, reason) });
}

function rollBackFleet(run: RunContext, reason: string): Promise<RollbackOutcome> {
  const fleet = fleetActivities(run, 'take devices back to their previous firmware');
  return fleet.rollBackFleet(stopInput(run, reason));
}

/** What withdrawing and rolling back need: both end at the environment's rollback time-out. */
export function stopInput(run: RunContext, reason: string): RollBackInput {
  const deadlineAt = addMs(now(), run.record.input.plan.environment.rollbackTimeoutMs);
  return { ...runRef(run), reason, deadlineAt };
}
