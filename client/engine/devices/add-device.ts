import { findDevice } from '../../../activities/adapters/postgres/devices.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { Device } from '#domain/fleet/device.ts';
import { formatTags } from '#domain/fleet/import-row.ts';
import { isThingName } from '#domain/ids.ts';
import type { EngineDeps } from '../engine.ts';
import { deviceOfObject } from './parse-row.ts';
import { registerDevices, type Registered } from './register-devices.ts';

export interface AddDeviceInput {
  readonly thing: string;
  readonly hardware: string;
  readonly firmware: string;
  /** Null: those that it has stay. */
  readonly tags: Readonly<Record<string, string>> | null;
}

/** What became different of a known device. */
export interface DeviceChange {
  readonly field: 'hardware' | 'firmware' | 'tags';
  readonly from: string;
  readonly to: string;
}

export interface AddedDevice extends Registered {
  readonly changes: readonly DeviceChange[];
}

/**
 * Registers one device, or changes what is known of it: hardware becomes the given one, tags only if some are given, the
 * firmware only while it never confirmed one. Throws DEVICE_INVALID naming the field.
 */
export async function addDevice(deps: EngineDeps, input: AddDeviceInput): Promise<AddedDevice> {
  const { thing } = input;
  const pool = await deps.database();
  const before = isThingName(thing) ? await findDevice(pool, thing) : null;
  const parsed = deviceOfObject({ ...input, tags: input.tags ?? before?.tags ?? {} }, 1);
  if (parsed.kind === 'device') {
    const registered = await registerDevices(deps, [parsed.device]);
    const after = await findDevice(pool, parsed.device.thing);
    return { ...registered, changes: before && after ? changesOf(before, after) : [] };
  }
  const { where, expected, got } = parsed.row;
  const why = `${where}: expected ${expected}`;
  throw sluiceError('DEVICE_INVALID', { thing, why }, { where, found: got, hint: `give ${expected}` });
}

function changesOf(before: Device, after: Device): DeviceChange[] {
  const all: DeviceChange[] = [
    { field: 'hardware', from: before.hardware, to: after.hardware },
    { field: 'firmware', from: before.firmware, to: after.firmware },
    { field: 'tags', from: formatTags(before.tags), to: formatTags(after.tags) },
  ];
  return all.filter(({ from, to }) => from !== to);
}
