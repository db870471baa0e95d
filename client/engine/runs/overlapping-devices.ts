import { compileDeviceFilter } from '../../../activities/adapters/cel/device-filter.ts';
import { compileWaveFilter } from '../../../activities/adapters/cel/wave-filter.ts';
import { requireGroups } from '../../../activities/adapters/postgres/groups.ts';
import type { Connection } from '../../../activities/adapters/postgres/pool.ts';
import { runsWithTargets } from '../../../activities/adapters/postgres/run-places.ts';
import { allDevices, type DeviceFacts } from '../../../activities/adapters/postgres/selected-devices.ts';
import { SluiceError } from '#domain/errors/failure.ts';
import type { FleetPlan } from '#domain/plan/plan.ts';

export interface FleetRun {
  readonly run: string;
  readonly plan: FleetPlan;
}

/** Percentages and counts are of everything, whichever devices those are. */
export const takesShares = ({ waves }: FleetPlan): boolean =>
  waves.some(({ kind }) => kind === 'percent' || kind === 'count');

/**
 * Those of `runs` that have a device in common with `plan`: one that both may reach now, or one that the run has chosen
 * already, whatever has become of it. A run of which that cannot be told has. Both name devices or filters: one pass over the
 * registry.
 */
export async function overlapping(
  connection: Connection,
  plan: FleetPlan,
  runs: readonly FleetRun[],
): Promise<readonly string[]> {
  if (runs.length === 0) return [];
  const isReached = await reachOf(connection, plan);
  const others = await Promise.all(
    runs.map(async ({ run, plan: one }) => ({ run, reach: await toldReach(connection, one) })),
  );
  const found = new Set(others.flatMap(({ run, reach }) => (reach === null ? [run] : [])));
  for await (const page of allDevices(connection)) {
    const reached = page.filter(isReached);
    const open = others.filter(({ run }) => !found.has(run));
    if (open.length === 0) break;
    for (const { run, reach } of open) if (reach !== null && reached.some(reach)) found.add(run);
    const things = reached.map(({ thing }) => thing);
    const left = open.map(({ run }) => run).filter((run) => !found.has(run));
    for (const run of await runsWithTargets(connection, left, things)) found.add(run);
  }
  return runs.map(({ run }) => run).filter((run) => found.has(run));
}

type Reach = (device: DeviceFacts) => boolean;

/** Null for a plan whose groups are no longer what they were. */
async function toldReach(connection: Connection, plan: FleetPlan): Promise<Reach | null> {
  try {
    return await reachOf(connection, plan);
  } catch (error) {
    if (error instanceof SluiceError) return null;
    throw error;
  }
}

async function reachOf(connection: Connection, { selection, waves }: FleetPlan): Promise<Reach> {
  const filters = (await requireGroups(connection, selection.groups)).map(({ filter }) => compileDeviceFilter(filter));
  const isInWaves = compileWaveFilter(waves);
  return (device) => (filters.length === 0 || filters.some((matches) => matches(device))) && isInWaves(device);
}
