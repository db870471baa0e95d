import type { Plan } from '#domain/plan/plan.ts';
import type { PreparedRollout, RunRef } from '#domain/ports/fleet.port.ts';
import { countTargets, insertRollout, markRevision, type NewTarget } from '../adapters/postgres/rollouts.ts';
import { allDevices, type DeviceFacts } from '../adapters/postgres/selected-devices.ts';
import { assignWaves } from './assign-waves.ts';
import type { FleetWork } from './deps.ts';
import { approvedPlan } from '../runtime/approved-plan.ts';
import { selectionFilter } from '../runtime/selection.ts';
import { targetOrder } from './target-order.ts';

/** Snapshots the run's targets with their previous firmware and waves. A second call finds what the first one stored. */
export async function prepareRollout(work: FleetWork, input: RunRef): Promise<PreparedRollout> {
  const plan = await approvedPlan(work.pool, input);
  const stored = await countTargets(work.pool, input.run);
  if (stored) return stored;
  const mark = await markRevision(work.pool);
  const targets = await chooseTargets(work, input.run, plan);
  await insertRollout(work.pool, { run: input.run, planId: input.planId, mark }, targets);
  await work.reached?.('targets-written');
  // Of two attempts at once the first one's targets stand.
  return (await countTargets(work.pool, input.run)) ?? { targets: 0, alreadyCurrent: 0 };
}

async function chooseTargets(work: FleetWork, run: string, plan: Plan): Promise<NewTarget[]> {
  const isSelected = await selectionFilter(work.pool, plan.selection);
  const chosen: (DeviceFacts & { readonly order: bigint; readonly skipped: boolean })[] = [];
  for await (const page of allDevices(work.pool)) {
    for (const device of page.filter(isSelected)) {
      const skipped = device.firmware === plan.firmware.version;
      chosen.push({ ...device, skipped, order: targetOrder(run, device.thing) });
    }
    work.pulse.note({ chosen: chosen.length });
  }
  chosen.sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0));
  const waves = assignWaves(chosen, plan.waves);
  return chosen.map(({ thing, order, skipped, firmware }, place) => {
    return { thing, order, skipped, previousFirmware: firmware, wave: waves[place] ?? null };
  });
}
