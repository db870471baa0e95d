import { inTransaction } from '../adapters/postgres/pool.ts';
import { offerJob } from '../adapters/postgres/releases.ts';
import { insertReturns, type NewReturn, type ToReturn } from '../adapters/postgres/rollbacks.ts';
import { announceJob } from '../adapters/postgres/rollout-jobs.ts';
import type { FleetDeps } from './deps.ts';
import type { WaysBack } from './way-back-jobs.ts';

/** Why devices are offered their way back. */
export type ReturnReason = 'on-new-version' | 'silent' | 'timed-out-downloading' | 'late-success';

const ENTRIES: Readonly<Record<ReturnReason, Pick<NewReturn, 'state' | 'detail'>>> = {
  'on-new-version': { state: 'offered', detail: '' },
  silent: {
    state: 'unacknowledged',
    detail: 'in progress, did not acknowledge the cancel; its way back waits for it',
  },
  'timed-out-downloading': {
    state: 'precaution',
    detail: 'timed out while it downloaded; its way back waits for it, should it install all the same',
  },
  'late-success': {
    state: 'unacknowledged',
    detail: 'said after the run that it runs the new version; its way back waits for it',
  },
};

export interface OfferedReturns {
  readonly run: string;
  readonly devices: readonly ToReturn[];
  readonly reason: ReturnReason;
}

/** Offers each device its own previous firmware, or notes that there is none; a device on the list already stays as it is. */
export async function offerWayBack(deps: FleetDeps, ways: WaysBack, offer: OfferedReturns): Promise<void> {
  const byVersion = Map.groupBy(offer.devices, ({ version }) => version);
  for (const [version, devices] of byVersion) {
    const way = await ways.to(version);
    // Nothing says that they need one.
    if (way.kind === 'none' && offer.reason === 'timed-out-downloading') continue;
    const entry: NewReturn =
      way.kind === 'none'
        ? { version, jobSeq: null, state: 'no-artifact', detail: way.why }
        : { version, jobSeq: way.seq, ...ENTRIES[offer.reason] };
    await write(deps, offer.run, devices, entry);
  }
}

async function write(deps: FleetDeps, run: string, devices: readonly ToReturn[], entry: NewReturn): Promise<void> {
  const things = devices.map(({ thing }) => thing);
  await inTransaction(deps.pool, async (connection) => {
    const listed = await insertReturns(connection, run, things, entry);
    if (entry.jobSeq !== null) {
      await offerJob(connection, entry.jobSeq, listed);
      await announceJob(connection, entry.jobSeq);
    }
    await deps.reached?.('way-backs-uncommitted');
  });
  await deps.reached?.('way-backs-written');
}
