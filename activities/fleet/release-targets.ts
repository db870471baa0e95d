import type { SlotOperation } from '#domain/fleet/slot-operation.ts';
import type { FleetPlan } from '#domain/plan/plan.ts';
import { dueTargets, refreshPrevious, stagedTargets } from '../adapters/postgres/due-targets.ts';
import { inTransaction, type Connection } from '../adapters/postgres/pool.ts';
import { lockRelease, offerJob, saveRelease } from '../adapters/postgres/releases.ts';
import { announceJob } from '../adapters/postgres/rollout-jobs.ts';
import { supersede } from '../adapters/postgres/supersede.ts';
import type { FleetDeps } from './deps.ts';
import { allowed, refill, take } from './release-budget.ts';
import { endTurns, takeTurns, type EndedTurns } from './take-turns.ts';

/**
 * Devices offered in one transaction: less than half a second, which a pause or a gateway that wants a row may have to wait.
 * Fewer would share the machine with the devices that the first of them sets in motion.
 */
const CHUNK = 10_000;
/** Looked at beyond those that may go, so that devices to be skipped do not use up the turns of others. */
const BEYOND = 100;

export interface Release {
  readonly run: string;
  readonly plan: FleetPlan;
  readonly wave: number;
  readonly jobSeq: number;
  readonly operation: SlotOperation;
  readonly maximumPerMinute: number | null;
}

/**
 * Offers the wave's next devices, and those that earlier waves left over, as far as the rate limit allows; the limit holds
 * over all waves and attempts. Returns how many had their turn: 0 when there are none, none may go yet, or the run is held.
 */
export async function releaseTargets(deps: FleetDeps, release: Release): Promise<number> {
  const { run, jobSeq, maximumPerMinute } = release;
  const turns = await inTransaction(deps.pool, async (connection) => {
    const state = await lockRelease(connection, run);
    if (!state) return 0;
    const bucket = maximumPerMinute === null ? null : refill(state, maximumPerMinute, state.nowMs);
    const limit = bucket === null ? CHUNK : Math.min(CHUNK, allowed(bucket));
    if (limit === 0) return 0;
    const choose = release.operation === 'activate' ? chooseStaged : chooseDue;
    const { offered, skipped } = await choose(connection, release, limit);
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

async function chooseDue(connection: Connection, { run, plan, wave }: Release, limit: number): Promise<EndedTurns> {
  const look = { wave, limit: Math.min(CHUNK, limit + BEYOND), foreseen: 'offer' } as const;
  const { toOffer, toSkip } = await takeTurns(connection, plan, await dueTargets(connection, run, look));
  return endTurns(connection, run, [...toOffer.slice(0, limit), ...toSkip]);
}

/** Whatever happened to a device since it was staged, it knows what its slots hold and answers for itself. */
async function chooseStaged(
  connection: Connection,
  { run, plan, jobSeq }: Release,
  limit: number,
): Promise<EndedTurns> {
  const staged = await stagedTargets(connection, run, jobSeq, limit);
  const offered = staged.map(({ thing }) => thing);
  await refreshPrevious(connection, run, staged, plan.firmware.version);
  await supersede(connection, run, offered);
  return { offered, skipped: [] };
}
