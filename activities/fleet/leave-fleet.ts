import type { RollbackOutcome, RunRef } from '#domain/ports/fleet.port.ts';
import { inTransaction } from '../adapters/postgres/pool.ts';
import {
  countReturns,
  devicesToReturn,
  insertReturns,
  leftExamples,
  silentDevices,
  type NewReturn,
} from '../adapters/postgres/rollbacks.ts';
import { ridingOut } from '../runtime/ride-out.ts';
import type { FleetWork } from './deps.ts';
import { eachReturn, type ReturnSelection } from './each-return.ts';
import { stopOffering } from './stop-offering.ts';

const EXAMPLES = 5;

/** Stops offering for good and lists every device that is on the new version, or may be. None is offered its way back. */
export async function leaveFleet(work: FleetWork, { run }: RunRef): Promise<RollbackOutcome> {
  const jobs = await stopOffering(work, run);
  // In this order: who answers before the silent ones are listed is found after it, who answers later is among them.
  await listAll(work, {
    run,
    jobs,
    select: silentDevices,
    state: 'unacknowledged',
    detail: 'in progress when the run ended',
  });
  await work.reached?.('silent-listed');
  await listAll(work, {
    run,
    jobs,
    select: devicesToReturn,
    state: 'not-offered',
    detail: 'nobody decided on its way back',
  });
  return ridingOut(work, async () => {
    const { left } = await countReturns(work.pool, run);
    const examples = await leftExamples(work.pool, run, EXAMPLES);
    return { kind: left === 0 ? 'rolled-back' : 'incomplete', offered: 0, returned: 0, left, examples };
  });
}

interface Listing extends ReturnSelection {
  readonly state: NewReturn['state'];
  readonly detail: string;
}

async function listAll(work: FleetWork, listing: Listing): Promise<void> {
  const { run, state, detail } = listing;
  await eachReturn(work, listing, async (devices) => {
    for (const [version, some] of Map.groupBy(devices, (device) => device.version)) {
      const things = some.map(({ thing }) => thing);
      const entry: NewReturn = { version, jobSeq: null, state, detail };
      await inTransaction(work.pool, (open) => insertReturns(open, run, things, entry));
    }
  });
}
