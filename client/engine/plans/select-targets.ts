import { compileDeviceFilter } from '../../../activities/adapters/cel/device-filter.ts';
import { compileWaveFilter } from '../../../activities/adapters/cel/wave-filter.ts';
import { requireGroups } from '../../../activities/adapters/postgres/groups.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import { allDevices, type DeviceFacts } from '../../../activities/adapters/postgres/selected-devices.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { misfitOf } from '#domain/fleet/compatibility.ts';
import type { DeviceSelection, PlannedFirmware, WaveSelection } from '#domain/plan/plan.ts';
import type { Environment } from '#domain/environments/environment.ts';
import { operationOf } from '#domain/fleet/waves.ts';
import { WaveCount } from './wave-devices.ts';

/** Devices that are alike for a rollout. */
export interface DeviceKind {
  readonly firmware: string;
  readonly hardware: string;
  readonly devices: number;
}

export interface SelectedTargets {
  readonly selection: DeviceSelection;
  /** Those that some wave may take, whether the firmware fits them or not. */
  readonly reached: readonly DeviceKind[];
}

const MOST_VERSIONS = 20;

/**
 * The devices that the environment holds now, counted as a run would share them out: those that the firmware does not fit
 * are in no wave. Throws GROUP_UNKNOWN, FILTER_INVALID, and PLAN_NO_TARGETS when there is not one device.
 */
export async function selectTargets(
  pool: Pool,
  environment: Environment,
  { firmware, waves }: { readonly firmware: PlannedFirmware; readonly waves: readonly WaveSelection[] },
): Promise<SelectedTargets> {
  const groups = await requireGroups(pool, environment.deviceGroups);
  const filters = groups.map(({ filter }) => compileDeviceFilter(filter));
  const isReached = compileWaveFilter(waves);
  const waveCount = new WaveCount(waves);
  const [all, reached] = [new KindCount(), new KindCount()];
  let misfits = 0;
  for await (const page of allDevices(pool)) {
    for (const device of page) {
      if (filters.length > 0 && !filters.some((matches) => matches(device))) continue;
      all.add(device);
      if (isReached(device)) reached.add(device);
      if (isMisfit(device, firmware)) misfits += 1;
      else waveCount.add(device);
    }
  }
  const selected = all.kinds();
  if (selected.length === 0) throw noTargets(environment);
  const selection = {
    ...summary(selected, firmware),
    ...(misfits > 0 && { misfits }),
    groups: environment.deviceGroups,
    waveDevices: withActivations(waves, waveCount.counts()),
  };
  return { selection, reached: reached.kinds() };
}

/** Whether a run leaves the device out; one that runs the version already is offered nothing, whatever it is. */
export const isMisfit = (device: Pick<DeviceKind, 'firmware' | 'hardware'>, firmware: PlannedFirmware): boolean =>
  device.firmware !== firmware.version && misfitOf(device, firmware) !== null;

/** An activation takes over what the wave before it chose. */
const withActivations = (waves: readonly WaveSelection[], counts: readonly number[]): number[] =>
  counts.map((count, at) => (operationOf(waves[at]) === 'activate' ? (counts[at - 1] ?? 0) : count));

class KindCount {
  readonly #kinds = new Map<string, DeviceKind>();

  add({ firmware, hardware }: DeviceFacts): void {
    const key = JSON.stringify([firmware, hardware]);
    this.#kinds.set(key, { firmware, hardware, devices: (this.#kinds.get(key)?.devices ?? 0) + 1 });
  }

  kinds(): DeviceKind[] {
    return [...this.#kinds.values()];
  }
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
