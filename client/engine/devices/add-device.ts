import { sluiceError } from '#domain/errors/failure.ts';
import type { EngineDeps } from '../engine.ts';
import { deviceOfObject } from './parse-row.ts';
import { registerDevices, type Registered } from './register-devices.ts';

export interface AddDeviceInput {
  readonly thing: string;
  readonly hardware: string;
  readonly firmware: string;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * Registers one device, or changes what is known of it: hardware and tags become the given ones, the firmware only while
 * it never confirmed one. Throws DEVICE_INVALID naming the field.
 */
export async function addDevice(deps: EngineDeps, input: AddDeviceInput): Promise<Registered> {
  const parsed = deviceOfObject(input, 1);
  if (parsed.kind === 'device') return registerDevices(deps, [parsed.device]);
  const { where, expected, got } = parsed.row;
  const why = `${where}: expected ${expected}`;
  throw sluiceError('DEVICE_INVALID', { thing: input.thing, why }, { where, found: got, hint: `give ${expected}` });
}
