import type { Device } from '#domain/fleet/device.ts';
import { isThingName, type ThingName } from '#domain/ids.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { lastExecutions, type DeviceExecution } from '../../../activities/adapters/postgres/device-executions.ts';
import { findDevice } from '../../../activities/adapters/postgres/devices.ts';
import type { EngineDeps } from '../engine.ts';

export interface DeviceView extends Device {
  /** What it was offered last, newest first. */
  readonly executions: readonly DeviceExecution[];
}

const EXECUTIONS_SHOWN = 10;

/** A device and its last executions. Throws DEVICE_UNKNOWN, DEVICE_INVALID for what can be no name. */
export async function showDevice(deps: EngineDeps, thing: string): Promise<DeviceView> {
  const pool = await deps.database();
  const name = thingName(thing);
  const device = await findDevice(pool, name);
  if (device === null) throw sluiceError('DEVICE_UNKNOWN', { thing });
  return { ...device, executions: await lastExecutions(pool, name, EXECUTIONS_SHOWN) };
}

/** `text` as a thing's name. Throws DEVICE_INVALID. */
export function thingName(text: string): ThingName {
  if (isThingName(text)) return text;
  throw sluiceError('DEVICE_INVALID', { thing: text, why: 'this is no thing name' }, { where: 'THING' });
}
