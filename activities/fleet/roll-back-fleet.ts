import { Context } from '@temporalio/activity';
import { operationOf } from '#domain/fleet/waves.ts';
import type { RollBackInput, RollbackOutcome } from '#domain/ports/fleet.port.ts';
import {
  countReturns,
  devicesToReturn,
  giveUpReturns,
  leftExamples,
  mayStillInstall,
  noteRollback,
  promotePrecautions,
  settleReturns,
  silentDevices,
  type ReturnTally,
  type SelectToReturn,
} from '../adapters/postgres/rollbacks.ts';
import { countInstalls, switchesVersion, totalOf } from '../adapters/postgres/rollout-counts.ts';
import { countOwedWhileStaging } from '../adapters/postgres/slot-returns.ts';
import { ridingOut } from '../runtime/ride-out.ts';
import { nowMs, type FleetWork } from './deps.ts';
import { eachReturn } from './each-return.ts';
import { offerWayBack, type ReturnReason } from './offer-way-back.ts';
import { approvedFleetPlan } from '../runtime/approved-plan.ts';
import { replaceRefusedSlots } from './replace-refused-slots.ts';
import { stopOffering } from './stop-offering.ts';
import { WaysBack } from './way-back-jobs.ts';

const LOOK_EVERY_MS = 250;
const EXAMPLES = 5;

/**
 * Stops offering, then offers each device that may be on the new version its own previous firmware: at once where the
 * install ended, as soon as the device answers where it is in progress. A device is back only when it confirmed. The rate
 * limit does not hold here. At the deadline silent devices are listed as unacknowledged; their way back stays open. Whose
 * download timed out is offered its way back too, in case it goes on, but is not waited for.
 */
export async function rollBackFleet(work: FleetWork, input: RollBackInput): Promise<RollbackOutcome> {
  const { run } = input;
  // First of all: whatever is wrong with the plan, nobody is offered the version any more.
  const jobs = await stopOffering(work, run);
  const plan = await ridingOut(work, () => approvedFleetPlan(work.pool, input));
  await ridingOut(work, () => noteRollback(work.pool, run));
  const { firmware, confirmation, waves } = plan;
  const ways = new WaysBack(work, run, { name: firmware.name, confirmation, operation: operationOf(waves.at(-1)) });
  const offerTo = (select: SelectToReturn, reason: ReturnReason): Promise<void> =>
    eachReturn(work, { run, jobs, select }, (devices) => offerWayBack(work, ways, { run, devices, reason }));
  const offerToAll = async (): Promise<void> => {
    await offerTo(devicesToReturn, 'on-new-version');
    await offerTo(mayStillInstall, 'timed-out-downloading');
  };
  for (;;) {
    const lookedAt = performance.now();
    // Read before the selection: who answers in between is found by it.
    const inProgress = await ridingOut(work, () => countAwaited(work, run));
    await offerToAll();
    const tally = await ridingOut(work, () => settle(work, ways, run));
    work.pulse.note({ ...tally, inProgress });
    if (inProgress <= 0 && tally.open === 0) break;
    if (nowMs(work) >= Date.parse(input.deadlineAt)) {
      await work.reached?.('deadline-passed');
      // In this order: who answers before the silent ones are listed is found after it, who answers later is among them.
      await offerTo(silentDevices, 'silent');
      await work.reached?.('silent-listed');
      await offerToAll();
      await ridingOut(work, () => settle(work, ways, run));
      await ridingOut(work, () => giveUpReturns(work.pool, run));
      break;
    }
    // A look at a large fleet takes its time: the database is for the devices first.
    await Context.current().sleep(Math.max(LOOK_EVERY_MS, 3 * (performance.now() - lookedAt)));
  }
  return ridingOut(work, () => conclude(work, run));
}

/** Devices in progress that have to end before it is known who has to go back. Who is only staged needs no way back. */
async function countAwaited({ pool }: FleetWork, run: string): Promise<number> {
  const byWave = await countInstalls(pool, run);
  const { inProgress } = totalOf(byWave, switchesVersion);
  const staging = totalOf(byWave, (operation) => operation === 'stage').inProgress;
  return inProgress + (staging > 0 ? await countOwedWhileStaging(pool, run) : 0);
}

async function settle(work: FleetWork, ways: WaysBack, run: string): Promise<ReturnTally> {
  await replaceRefusedSlots(work, ways, run);
  await promotePrecautions(work.pool, run, 'offered');
  await settleReturns(work.pool, run);
  return countReturns(work.pool, run);
}

async function conclude(work: FleetWork, run: string): Promise<RollbackOutcome> {
  const { offered, returned, left } = await countReturns(work.pool, run);
  const examples = await leftExamples(work.pool, run, EXAMPLES);
  return { kind: left === 0 ? 'rolled-back' : 'incomplete', offered, returned, left, examples };
}
