import { addMs } from '#domain/time.ts';
import type { RollBackInput } from '#domain/ports/fleet.port.ts';
import { runRef, type RunContext } from '../deploy/run-context.ts';
import type { Undone } from '../deploy/run-target.ts';
import { now } from '../runtime/clock.ts';
import { fleetActivities } from './fleet-activities.ts';

const FLEET = 'fleet';

/** Registers, before the first offer, how all devices of the run come back. All waves return together: that is quickest. */
export function registerWayBack(run: RunContext): void {
  run.compensations.register({ id: FLEET, undo: (reason) => rollBackFleet(run, reason) });
}

async function rollBackFleet(run: RunContext, reason: string): Promise<Undone> {
  const fleet = fleetActivities(run, 'take devices back to their previous firmware');
  const { offered, returned, left, examples } = await fleet.rollBackFleet(stopInput(run, reason));
  const summary = `${returned} of ${offered} devices returned, ${left} left`;
  return { left, summary, facts: { offered, returned, left, examples } };
}

/** What withdrawing and rolling back need: both end at the environment's rollback time-out. */
export function stopInput(run: RunContext, reason: string): RollBackInput {
  const deadlineAt = addMs(now(), run.record.input.plan.environment.rollbackTimeoutMs);
  return { ...runRef(run), reason, deadlineAt };
}
