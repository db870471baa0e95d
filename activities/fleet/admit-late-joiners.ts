import { foresee } from '#domain/fleet/turn.ts';
import type { Plan } from '#domain/plan/plan.ts';
import { insertTargets, markRevision, type NewTarget } from '../adapters/postgres/rollouts.ts';
import { advanceJoined, newcomers } from '../adapters/postgres/selected-devices.ts';
import type { FleetWork } from './deps.ts';
import { selectionFilter } from '../runtime/selection.ts';
import { targetOrder } from './target-order.ts';

/**
 * Adds devices that came into the plan's selection since the run began, and that its firmware fits, to its last wave,
 * where they stand under the same rate limit as all others. Returns how many were added; a second call adds none twice.
 */
export async function admitLateJoiners(work: FleetWork, run: string, plan: Plan): Promise<number> {
  const isSelected = await selectionFilter(work.pool, plan.selection);
  const mark = await markRevision(work.pool);
  let added = 0;
  for await (const page of newcomers(work.pool, run)) {
    const joiners = page.filter(isSelected).flatMap((device): NewTarget[] => {
      const { thing, firmware } = device;
      const skipReason = foresee(device, plan.firmware);
      if (skipReason === 'misfit') return [];
      return [
        { thing, order: targetOrder(run, thing), wave: plan.waves.length, previousFirmware: firmware, skipReason },
      ];
    });
    added += await insertTargets(work.pool, run, joiners);
    work.pulse.note({ joined: added });
  }
  await advanceJoined(work.pool, run, mark);
  return added;
}
