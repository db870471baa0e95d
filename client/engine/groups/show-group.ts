import type { Device } from '#domain/fleet/device.ts';
import { compileDeviceFilter, type DeviceFilter } from '../../../activities/adapters/cel/device-filter.ts';
import { devicePages } from '../../../activities/adapters/postgres/devices.ts';
import { listGroups as allGroups, requireGroups, type Group } from '../../../activities/adapters/postgres/groups.ts';
import type { EngineDeps } from '../engine.ts';

export interface GroupView extends Group {
  /** Devices that the filter matches now. */
  readonly count: number;
  /** The first of them by name. */
  readonly devices: readonly Device[];
}

/** A group with what its filter matches now, `firstDevices` of them by name. Throws GROUP_UNKNOWN. */
export async function showGroup(deps: EngineDeps, input: { name: string; firstDevices: number }): Promise<GroupView> {
  const pool = await deps.database();
  const [group] = await requireGroups(pool, [input.name]);
  if (group === undefined) throw new Error('requireGroups answers for every name');
  const matches = compileDeviceFilter(group.filter);
  const devices: Device[] = [];
  let count = 0;
  for await (const page of devicePages(pool)) {
    const members = page.filter(matches);
    count += members.length;
    devices.push(...members.slice(0, input.firstDevices - devices.length));
  }
  return { ...group, count, devices };
}

/** Every group by name, with how many devices it has now: one reading of the fleet for all of them. */
export async function listGroups(deps: EngineDeps): Promise<(Group & { readonly count: number })[]> {
  const pool = await deps.database();
  const counted = (await allGroups(pool)).map((group) => ({ group, matches: compileSaved(group), count: 0 }));
  if (counted.length > 0) {
    for await (const page of devicePages(pool)) {
      for (const one of counted) one.count += page.filter(one.matches).length;
    }
  }
  return counted.map(({ group, count }) => ({ ...group, count }));
}

const compileSaved = ({ filter }: Group): DeviceFilter => compileDeviceFilter(filter);
