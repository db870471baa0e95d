import { inTransaction } from '../adapters/postgres/pool.ts';
import { offerJob } from '../adapters/postgres/releases.ts';
import { announceJob } from '../adapters/postgres/rollout-jobs.ts';
import { refusedSlots, replaceRefused } from '../adapters/postgres/slot-returns.ts';
import type { FleetDeps } from './deps.ts';
import type { WaysBack } from './way-back-jobs.ts';

/**
 * Offers devices whose other slot does not hold their previous firmware (it was overwritten, or does not start) an ordinary
 * install of it. Repeats harmlessly.
 */
export async function replaceRefusedSlots(deps: FleetDeps, ways: WaysBack, run: string): Promise<void> {
  for (const version of await refusedSlots(deps.pool, run)) {
    const way = await ways.byInstall(version);
    await inTransaction(deps.pool, async (connection) => {
      const instead = way.kind === 'job' ? { jobSeq: way.seq } : { why: way.why };
      const things = await replaceRefused(connection, run, version, instead);
      if (way.kind === 'none' || things.length === 0) return;
      await offerJob(connection, way.seq, things);
      await announceJob(connection, way.seq);
    });
  }
}
