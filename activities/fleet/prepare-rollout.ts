import { misfitOf } from '#domain/fleet/compatibility.ts';
import type { Plan } from '#domain/plan/plan.ts';
import type { PreparedRollout, RunRef } from '#domain/ports/fleet.port.ts';
import {
  countTargets,
  insertRollout,
  markRevision,
  unassignedMakes,
  type NewTarget,
} from '../adapters/postgres/rollouts.ts';
import { allDevices, type DeviceFacts } from '../adapters/postgres/selected-devices.ts';
import { assignWaves } from './assign-waves.ts';
import type { FleetWork } from './deps.ts';
import { approvedPlan } from '../runtime/approved-plan.ts';
import { selectionFilter } from '../runtime/selection.ts';
import { targetOrder } from './target-order.ts';

/**
 * Snapshots the run's targets with their previous firmware and waves; those that the firmware does not fit now, whatever a
 * gate saw earlier, are in none. A second call finds what the first one stored.
 */
export async function prepareRollout(work: FleetWork, input: RunRef): Promise<PreparedRollout> {
  const plan = await approvedPlan(work.pool, input);
  const stored = await readPrepared(work, input.run, plan);
  if (stored) return stored;
  const mark = await markRevision(work.pool);
  const targets = await chooseTargets(work, input.run, plan);
  await insertRollout(work.pool, { run: input.run, planId: input.planId, mark }, targets);
  await work.reached?.('targets-written');
  // Of two attempts at once the first one's targets stand.
  return (await readPrepared(work, input.run, plan)) ?? { targets: 0, alreadyCurrent: 0, misfits: 0 };
}

/** What an attempt stored, or null. */
async function readPrepared({ pool }: FleetWork, run: string, plan: Plan): Promise<PreparedRollout | null> {
  const stored = await countTargets(pool, run);
  if (!stored) return null;
  // Beyond the last wave's share are devices that fit, too.
  const misfits = (await unassignedMakes(pool, run)).filter((make) => misfitOf(make, plan.firmware) !== null);
  return { ...stored, misfits: misfits.reduce((sum, { devices }) => sum + devices, 0) };
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
  const fitting = chosen.filter((device) => device.skipped || misfitOf(device, plan.firmware) === null);
  const waves = assignWaves(fitting, plan.waves);
  const waveOf = new Map(fitting.map(({ thing }, place) => [thing, waves[place] ?? null]));
  return chosen.map(({ thing, order, skipped, firmware }) => {
    return { thing, order, skipped, previousFirmware: firmware, wave: waveOf.get(thing) ?? null };
  });
}
