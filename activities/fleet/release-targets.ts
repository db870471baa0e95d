import type { Plan } from '#domain/plan/plan.ts';
import { dueTargets } from '../adapters/postgres/due-targets.ts';
import { inTransaction } from '../adapters/postgres/pool.ts';
import { lockRelease, offerJob, saveRelease } from '../adapters/postgres/releases.ts';
import { announceJob } from '../adapters/postgres/rollout-jobs.ts';
import type { FleetDeps } from './deps.ts';
import { allowed, refill, take } from './release-budget.ts';
import { endTurns, takeTurns } from './take-turns.ts';

/**
 * Devices offered in one transaction: less than half a second, which a pause or a gateway that wants a row may have to wait.
 * Fewer would share the machine with the devices that the first of them sets in motion.
 */
const CHUNK = 10_000;
/** Looked at beyond those that may go, so that devices to be skipped do not use up the turns of others. */
const BEYOND = 100;

export interface Release {
  readonly run: string;
  readonly plan: Plan;
  readonly wave: number;
  readonly jobSeq: number;
  readonly maximumPerMinute: number | null;
}

/**
 * Offers the wave's next devices, and those that earlier waves left over, as far as the rate limit allows; the limit holds
 * over all waves and attempts. Returns how many had their turn: 0 when there are none, none may go yet, or the run is held.
 */
export async function releaseTargets(deps: FleetDeps, release: Release): Promise<number> {
  const { run, plan, wave, jobSeq, maximumPerMinute } = release;
  const turns = await inTransaction(deps.pool, async (connection) => {
    const state = await lockRelease(connection, run);
    if (!state) return 0;
    const bucket = maximumPerMinute === null ? null : refill(state, maximumPerMinute, state.nowMs);
    const limit = bucket === null ? CHUNK : Math.min(CHUNK, allowed(bucket));
    if (limit === 0) return 0;
    const look = { wave, limit: Math.min(CHUNK, limit + BEYOND), foreseen: 'offer' } as const;
    const { toOffer, toSkip } = await takeTurns(connection, plan, await dueTargets(connection, run, look));
    const { offered, skipped } = await endTurns(connection, run, [...toOffer.slice(0, limit), ...toSkip]);
    if (offered.length > 0) {
      await offerJob(connection, jobSeq, offered);
      if (bucket !== null) await saveRelease(connection, run, take(bucket, offered.length));
      await announceJob(connection, jobSeq);
    }
    await deps.reached?.('offers-uncommitted');
    return offered.length + skipped.length;
  });
  if (turns > 0) await deps.reached?.('offers-written');
  return turns;
}
