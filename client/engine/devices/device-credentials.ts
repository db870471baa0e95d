import { sluiceError } from '#domain/errors/failure.ts';
import {
  devicePassword,
  deviceUser,
  readOrCreateCredentialsKey,
} from '../../../activities/adapters/mqtt/credentials.ts';
import { wantedCredentials } from '../../../activities/adapters/postgres/broker-credentials.ts';
import { findDevice } from '../../../activities/adapters/postgres/devices.ts';
import type { EngineDeps } from '../engine.ts';
import { awaitCredentials, type CredentialsState } from './await-credentials.ts';
import { EVERY_DEVICE, selectDevices } from './list-devices.ts';
import { thingName } from './show-device.ts';

/** What a device signs in with, at the broker and for downloads. Its client id must be its name as well. */
export interface DeviceCredentials {
  readonly thing: string;
  readonly username: string;
  readonly password: string;
}

/** Of one device. Throws DEVICE_UNKNOWN. */
export async function credentialsOfDevice(deps: EngineDeps, thing: string): Promise<DeviceCredentials> {
  const name = thingName(thing);
  if ((await findDevice(await deps.database(), name)) === null) throw sluiceError('DEVICE_UNKNOWN', { thing });
  return (await credentialsFor(deps))(name);
}

/** Of every device of a group, by name. Throws GROUP_UNKNOWN. */
export async function credentialsOfGroup(deps: EngineDeps, group: string): Promise<DeviceCredentials[]> {
  const credentialsOf = await credentialsFor(deps);
  const all: DeviceCredentials[] = [];
  for await (const page of selectDevices(deps, { ...EVERY_DEVICE, group })) {
    all.push(...page.map(({ thing }) => credentialsOf(thing)));
  }
  return all;
}

/** From a thing's name to its credentials: they are derived from the installation's key, nothing of them is stored. */
export async function credentialsFor(deps: EngineDeps): Promise<(thing: string) => DeviceCredentials> {
  const key = readOrCreateCredentialsKey(await deps.dataDirectory());
  return (thing) => ({ thing, username: deviceUser(thing), password: devicePassword(key, thing) });
}

/** Waits until the broker knows every device that is registered now. */
export async function awaitAllCredentials(deps: EngineDeps): Promise<CredentialsState> {
  return awaitCredentials(deps, await wantedCredentials(await deps.database()));
}
