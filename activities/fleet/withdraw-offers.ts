import { Context } from '@temporalio/activity';
import { NO_COUNTS, type WaveCounts } from '#domain/fleet/counts.ts';
import type { RollBackInput, WithdrawOutcome } from '#domain/ports/fleet.port.ts';
import { countInstalls, totalOf } from '../adapters/postgres/rollout-counts.ts';
import { countSkipped } from '../adapters/postgres/rollouts.ts';
import { countCancelled } from '../adapters/postgres/withdrawals.ts';
import { ridingOut } from '../runtime/ride-out.ts';
import { nowMs, type FleetWork } from './deps.ts';
import { approvedFleetPlan } from '../runtime/approved-plan.ts';
import { stopOffering } from './stop-offering.ts';

const LOOK_EVERY_MS = 250;
/**
 * A connected device hears of the cancel at once and answers its next step; who is silent for so long is away or busy with
 * an install that nobody stops any more. The jobs stay cancelled: a later word is refused and recorded all the same.
 */
const LONGEST_WAIT_MS = 60_000;

/**
 * Stops offering and takes back what is queued, then waits for the word of each device in progress, at most a minute. Who
 * said nothing until then, or until the deadline, is counted as unacknowledged.
 */
export async function withdrawOffers(work: FleetWork, input: RollBackInput): Promise<WithdrawOutcome> {
  const { run } = input;
  // First of all: whatever is wrong with the plan, nobody is offered the version any more.
  const jobs = await stopOffering(work, run);
  await ridingOut(work, () => approvedFleetPlan(work.pool, input));
  const until = Math.min(Date.parse(input.deadlineAt), nowMs(work) + LONGEST_WAIT_MS);
  const counts = await untilNoneInProgress(work, run, until);
  return ridingOut(work, async () => {
    const cancelled = await countCancelled(work.pool, jobs);
    const skipped = [...(await countSkipped(work.pool, run)).values()].reduce((sum, one) => sum + one, 0);
    return { ...cancelled, unacknowledged: counts.inProgress, counts: { ...counts, skipped } };
  });
}

async function untilNoneInProgress(work: FleetWork, run: string, until: number): Promise<WaveCounts> {
  let counts: WaveCounts = NO_COUNTS;
  for (;;) {
    counts = await ridingOut(work, async () => totalOf(await countInstalls(work.pool, run)));
    work.pulse.note({ waitingFor: 'acknowledgements', inProgress: counts.inProgress });
    if (counts.inProgress <= 0 || nowMs(work) >= until) return counts;
    await Context.current().sleep(LOOK_EVERY_MS);
  }
}
