import { sluiceError } from '#domain/errors/failure.ts';
import type { DeviceSelection } from '#domain/plan/plan.ts';
import { compileDeviceFilter, type DeviceFilter } from '../adapters/cel/device-filter.ts';
import type { Pool } from '../adapters/postgres/pool.ts';
import { readGroupFilters } from '../adapters/postgres/selected-devices.ts';

/** True for devices of any of the plan's groups; without groups for every device. Throws GROUP_UNKNOWN, FILTER_INVALID. */
export async function selectionFilter(pool: Pool, { groups }: DeviceSelection): Promise<DeviceFilter> {
  if (groups.length === 0) return () => true;
  const saved = await readGroupFilters(pool, groups);
  const filters = groups.map((group) => {
    const text = saved.get(group);
    if (text === undefined) throw sluiceError('GROUP_UNKNOWN', { group });
    return compileDeviceFilter(text);
  });
  return (device) => filters.some((matches) => matches(device));
}
