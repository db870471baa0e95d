import { inTransaction } from '../adapters/postgres/pool.ts';
import { offerJob } from '../adapters/postgres/releases.ts';
import { insertReturns, type NewReturn, type ToReturn } from '../adapters/postgres/rollbacks.ts';
import { announceJob } from '../adapters/postgres/rollout-jobs.ts';
import type { FleetWork } from './deps.ts';
import type { WaysBack } from './way-back-jobs.ts';

/**
 * Whether the devices' word is awaited, or they are offered their way back for the day they come again, or only to be on
 * the safe side.
 */
export type ReturnHope = Extract<NewReturn['state'], 'offered' | 'unacknowledged' | 'precaution'>;

export interface OfferedReturns {
  readonly run: string;
  readonly devices: readonly ToReturn[];
  readonly hope: ReturnHope;
}

/** Offers each device its own previous firmware, or notes that there is none; a device on the list already stays as it is. */
export async function offerWayBack(work: FleetWork, ways: WaysBack, offer: OfferedReturns): Promise<void> {
  const byVersion = Map.groupBy(offer.devices, ({ version }) => version);
  for (const [version, devices] of byVersion) {
    const way = await ways.to(version);
    // Nothing says that they need one.
    if (way.kind === 'none' && offer.hope === 'precaution') continue;
    const entry: NewReturn =
      way.kind === 'none'
        ? { version, jobSeq: null, state: 'no-artifact', detail: way.why }
        : { version, jobSeq: way.seq, state: offer.hope, detail: DETAILS[offer.hope] };
    await write(work, offer.run, devices, entry);
  }
}

async function write(work: FleetWork, run: string, devices: readonly ToReturn[], entry: NewReturn): Promise<void> {
  const things = devices.map(({ thing }) => thing);
  await inTransaction(work.pool, async (connection) => {
    const listed = await insertReturns(connection, run, things, entry);
    if (entry.jobSeq !== null) {
      await offerJob(connection, entry.jobSeq, listed);
      await announceJob(connection, entry.jobSeq);
    }
    await work.reached?.('way-backs-uncommitted');
  });
  await work.reached?.('way-backs-written');
}

const DETAILS: Readonly<Record<ReturnHope, string>> = {
  offered: '',
  unacknowledged: 'in progress, did not acknowledge the cancel; its way back waits for it',
  precaution: 'timed out while it downloaded; its way back waits for it, should it install all the same',
};
