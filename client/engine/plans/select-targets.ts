import { compileDeviceFilter } from '../../../activities/adapters/cel/device-filter.ts';
import { requireGroups } from '../../../activities/adapters/postgres/groups.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import { allDevices } from '../../../activities/adapters/postgres/selected-devices.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { DeviceSelection, PlannedFirmware, WaveSelection } from '#domain/plan/plan.ts';
import type { Environment } from '#domain/environments/environment.ts';
import { WaveCount } from './wave-devices.ts';

/** Devices that are alike for a rollout. */
export interface DeviceKind {
  readonly firmware: string;
  readonly hardware: string;
  readonly devices: number;
}

export interface SelectedTargets {
  readonly selection: DeviceSelection;
  readonly kinds: readonly DeviceKind[];
}

const MOST_VERSIONS = 20;

/**
 * The devices that the environment holds now, counted. Throws GROUP_UNKNOWN, FILTER_INVALID, and PLAN_NO_TARGETS when there
 * is not one device.
 */
export async function selectTargets(
  pool: Pool,
  environment: Environment,
  { firmware, waves }: { readonly firmware: PlannedFirmware; readonly waves: readonly WaveSelection[] },
): Promise<SelectedTargets> {
  const groups = await requireGroups(pool, environment.deviceGroups);
  const filters = groups.map(({ filter }) => compileDeviceFilter(filter));
  const waveCount = new WaveCount(waves);
  const kinds = new Map<string, DeviceKind>();
  for await (const page of allDevices(pool)) {
    for (const device of page) {
      if (filters.length > 0 && !filters.some((matches) => matches(device))) continue;
      waveCount.add(device);
      const key = JSON.stringify([device.firmware, device.hardware]);
      const devices = (kinds.get(key)?.devices ?? 0) + 1;
      kinds.set(key, { firmware: device.firmware, hardware: device.hardware, devices });
    }
  }
  const selected = [...kinds.values()];
  if (selected.length === 0) throw noTargets(environment);
  const selection = {
    ...summary(selected, firmware),
    groups: environment.deviceGroups,
    waveDevices: waveCount.counts(),
  };
  return { selection, kinds: selected };
}

function summary(kinds: readonly DeviceKind[], { version }: PlannedFirmware) {
  const present = new Map<string, number>();
  for (const { firmware, devices } of kinds) present.set(firmware, (present.get(firmware) ?? 0) + devices);
  const versions = [...present].map(([firmware, devices]) => ({ firmware, devices }));
  return {
    devices: kinds.reduce((sum, { devices }) => sum + devices, 0),
    alreadyCurrent: present.get(version) ?? 0,
    present: versions
      .sort((a, b) => b.devices - a.devices || (a.firmware < b.firmware ? -1 : 1))
      .slice(0, MOST_VERSIONS),
  };
}

function noTargets({ name, deviceGroups }: Environment) {
  const groups = deviceGroups.join(', ') || 'every device of the registry';
  return sluiceError('PLAN_NO_TARGETS', { environment: name, groups }, { found: '0 devices' });
}
