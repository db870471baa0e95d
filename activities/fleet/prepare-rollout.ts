import { choosingWaves } from '#domain/fleet/waves.ts';
import { foresee, type Foreseen } from '#domain/fleet/turn.ts';
import type { FleetPlan } from '#domain/plan/plan.ts';
import type { PreparedRollout, RunRef } from '#domain/ports/fleet.port.ts';
import { countTargets, insertRollout, markRevision, type NewTarget } from '../adapters/postgres/rollouts.ts';
import { allDevices, type DeviceFacts } from '../adapters/postgres/selected-devices.ts';
import { assignWaves } from './assign-waves.ts';
import type { FleetWork } from './deps.ts';
import { approvedFleetPlan } from '../runtime/approved-plan.ts';
import { selectionFilter } from '../runtime/selection.ts';
import { byOrder, targetOrder } from './target-order.ts';

/**
 * Snapshots the run's targets with their waves; those that the firmware does not fit now, whatever a
 * gate saw earlier, are in none. A second call finds what the first one stored.
 */
export async function prepareRollout(work: FleetWork, input: RunRef): Promise<PreparedRollout> {
  const plan = await approvedFleetPlan(work.pool, input);
  const stored = await countTargets(work.pool, input.run);
  if (stored) return stored;
  const mark = await markRevision(work.pool);
  const targets = await chooseTargets(work, input.run, plan);
  await insertRollout(work.pool, { run: input.run, planId: input.planId, mark }, targets);
  await work.reached?.('targets-written');
  // Of two attempts at once the first one's targets stand.
  return (await countTargets(work.pool, input.run)) ?? { targets: 0, alreadyCurrent: 0, misfits: 0 };
}

async function chooseTargets(work: FleetWork, run: string, plan: FleetPlan): Promise<NewTarget[]> {
  const isSelected = await selectionFilter(work.pool, plan.selection);
  const chosen: (DeviceFacts & { readonly order: bigint; readonly foreseen: Foreseen })[] = [];
  for await (const page of allDevices(work.pool)) {
    for (const device of page.filter(isSelected)) {
      chosen.push({ ...device, foreseen: foresee(device, plan.firmware), order: targetOrder(run, device.thing) });
    }
    work.pulse.note({ chosen: chosen.length });
  }
  chosen.sort(byOrder);
  const fitting = chosen.filter(({ foreseen }) => foreseen !== 'misfit');
  const candidates = fitting.map((device) => ({ ...device, skipped: device.foreseen === 'current' }));
  const waves = assignWaves(candidates, choosingWaves(plan.waves));
  const waveOf = new Map(fitting.map(({ thing }, place) => [thing, waves[place] ?? null]));
  return chosen.map(({ thing, order, foreseen, firmware }) => {
    return { thing, order, skipReason: foreseen, previousFirmware: firmware, wave: waveOf.get(thing) ?? null };
  });
}
