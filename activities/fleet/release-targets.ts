import { inTransaction } from '../adapters/postgres/pool.ts';
import { lockRelease, markReleased, offerJob, saveRelease, supersede } from '../adapters/postgres/releases.ts';
import { announceJob } from '../adapters/postgres/rollout-jobs.ts';
import type { FleetDeps } from './deps.ts';
import { allowed, refill, take } from './release-budget.ts';

/** Devices offered in one transaction: short enough that gateways never wait long for a row. */
const CHUNK = 2_000;

export interface Release {
  readonly run: string;
  readonly wave: number;
  readonly jobSeq: number;
  readonly maximumPerMinute: number | null;
}

/**
 * Offers the wave's next devices, and those that earlier waves left over, as far as the rate limit allows; the limit holds
 * over all waves and attempts. Returns how many were released: 0 when there are none, none may go yet, or the run is held.
 */
export async function releaseTargets(deps: FleetDeps, release: Release): Promise<number> {
  const { run, wave, jobSeq, maximumPerMinute } = release;
  const released = await inTransaction(deps.pool, async (connection) => {
    const state = await lockRelease(connection, run);
    if (!state) return 0;
    const bucket = maximumPerMinute === null ? null : refill(state, maximumPerMinute, state.nowMs);
    const limit = bucket === null ? CHUNK : Math.min(CHUNK, allowed(bucket));
    if (limit === 0) return 0;
    const things = await markReleased(connection, run, { wave, limit });
    if (things.length === 0) return 0;
    await supersede(connection, run, things);
    await offerJob(connection, jobSeq, things);
    if (bucket !== null) await saveRelease(connection, run, take(bucket, things.length));
    await announceJob(connection, jobSeq);
    await deps.reached?.('offers-uncommitted');
    return things.length;
  });
  if (released > 0) await deps.reached?.('offers-written');
  return released;
}
