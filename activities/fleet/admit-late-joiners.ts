import { choosingWaves } from '#domain/fleet/waves.ts';
import { foresee } from '#domain/fleet/turn.ts';
import type { FleetPlan } from '#domain/plan/plan.ts';
import { inTransaction } from '../adapters/postgres/pool.ts';
import { insertTargets, lockTargets, markRevision } from '../adapters/postgres/rollouts.ts';
import { advanceJoined, newcomers, type DeviceFacts } from '../adapters/postgres/selected-devices.ts';
import { selectionFilter } from '../runtime/selection.ts';
import { assignJoiners } from './assign-waves.ts';
import type { FleetWork } from './deps.ts';
import { byOrder, targetOrder } from './target-order.ts';

/**
 * Adds devices that came into the plan's selection since the run began, and that its firmware fits, to the last wave of the
 * plan that takes them, where they stand under the same rate limit as all others; to none when no wave does. Returns how many
 * were added; a second call adds none twice.
 */
export async function admitLateJoiners(work: FleetWork, run: string, plan: FleetPlan): Promise<number> {
  const isSelected = await selectionFilter(work.pool, plan.selection);
  const mark = await markRevision(work.pool);
  let added = 0;
  for await (const page of newcomers(work.pool, run)) {
    const joiners = page.filter((device) => isSelected(device) && foresee(device, plan.firmware) !== 'misfit');
    if (joiners.length > 0) added += await admit(work, run, plan, joiners);
    work.pulse.note({ joined: added });
  }
  await advanceJoined(work.pool, run, mark);
  return added;
}

function admit({ pool }: FleetWork, run: string, plan: FleetPlan, joiners: readonly DeviceFacts[]): Promise<number> {
  return inTransaction(pool, async (connection) => {
    const { known, ...assigned } = await lockTargets(
      connection,
      run,
      joiners.map(({ thing }) => thing),
    );
    const fresh = joiners
      .filter(({ thing }) => !known.has(thing))
      .map((device) => ({ ...device, order: targetOrder(run, device.thing) }))
      .sort(byOrder);
    const waves = assignJoiners(fresh, choosingWaves(plan.waves), assigned);
    const targets = fresh.map((device, place) => ({
      thing: device.thing,
      order: device.order,
      wave: waves[place] ?? null,
      previousFirmware: device.firmware,
      skipReason: foresee(device, plan.firmware),
    }));
    return insertTargets(connection, run, targets);
  });
}
