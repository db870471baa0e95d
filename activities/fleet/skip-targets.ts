import type { FleetPlan } from '#domain/plan/plan.ts';
import { dueTargets, foreseeOffer } from '../adapters/postgres/due-targets.ts';
import { inTransaction } from '../adapters/postgres/pool.ts';
import { lockRelease } from '../adapters/postgres/releases.ts';
import { ridingOut } from '../runtime/ride-out.ts';
import type { FleetWork } from './deps.ts';
import { endTurns, takeTurns } from './take-turns.ts';

const CHUNK = 2_000;

export interface Skipping {
  readonly run: string;
  readonly plan: FleetPlan;
  readonly wave: number;
}

/**
 * Ends the turn of the targets up to this wave that ran the version when they were chosen, so that no older offer is handed to
 * them later. One that does not run it any more, or is about to leave it, waits for its turn as all others.
 */
export async function skipTargets(work: FleetWork, skipping: Skipping): Promise<void> {
  for (let looked = CHUNK; looked === CHUNK;) {
    looked = await ridingOut(work, () => skipChunk(work, skipping));
    work.pulse.note({ wave: skipping.wave, skipping: looked });
  }
}

/** Returns how many it looked at: 0 when there are none or the run is held. */
function skipChunk({ pool }: FleetWork, { run, plan, wave }: Skipping): Promise<number> {
  return inTransaction(pool, async (connection) => {
    if (!(await lockRelease(connection, run))) return 0;
    const due = await dueTargets(connection, run, { wave, limit: CHUNK, foreseen: 'skip' });
    if (due.length === 0) return 0;
    const { toOffer, toSkip } = await takeTurns(connection, plan, due);
    await endTurns(connection, run, toSkip);
    const things = toOffer.map(({ device }) => device.thing);
    await foreseeOffer(connection, run, things);
    return due.length;
  });
}
