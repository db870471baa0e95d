import type { Device } from '#domain/fleet/device.ts';
import { compileDeviceFilter, type DeviceFilter } from '../../../activities/adapters/cel/device-filter.ts';
import { devicePages } from '../../../activities/adapters/postgres/devices.ts';
import { requireGroups } from '../../../activities/adapters/postgres/groups.ts';
import type { EngineDeps } from '../engine.ts';

/** Which devices; what is null asks nothing, what is given must all hold. */
export interface DeviceQuery {
  readonly group: string | null;
  readonly hardware: string | null;
  /** CEL. */
  readonly filter: string | null;
}

export const EVERY_DEVICE: DeviceQuery = { group: null, hardware: null, filter: null };

export interface DeviceList {
  readonly devices: readonly Device[];
  /** False when the limit left devices out. */
  readonly complete: boolean;
}

/** The first `limit` devices by name that `query` asks for. Throws GROUP_UNKNOWN and FILTER_INVALID. */
export async function listDevices(deps: EngineDeps, query: DeviceQuery, limit: number): Promise<DeviceList> {
  const devices: Device[] = [];
  for await (const page of selectDevices(deps, query)) {
    devices.push(...page);
    if (devices.length > limit) return { devices: devices.slice(0, limit), complete: false };
  }
  return { devices, complete: true };
}

/** All devices that `query` asks for, in pages by name. Throws GROUP_UNKNOWN and FILTER_INVALID. */
export async function* selectDevices(deps: EngineDeps, query: DeviceQuery): AsyncGenerator<Device[]> {
  const pool = await deps.database();
  const conditions: DeviceFilter[] = [];
  if (query.filter !== null) conditions.push(compileDeviceFilter(query.filter));
  const groups = await requireGroups(pool, query.group === null ? [] : [query.group]);
  conditions.push(...groups.map(({ filter }) => compileDeviceFilter(filter)));
  if (query.hardware !== null) conditions.push(({ hardware }) => hardware === query.hardware);
  for await (const page of devicePages(pool)) {
    yield page.filter((device) => conditions.every((holds) => holds(device)));
  }
}
