import { createHmac, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The gateway's own user at the broker. A dot cannot stand in a thing name, so no device can be called so. */
export const GATEWAY_USER = 'sluice.gateway';

/**
 * The broker's password file ends a user's name at the first colon, which thing names may hold: this stands there instead.
 * No thing name has it, so that no two things share a user.
 */
const COLON_AT_BROKER = '=';

/** The name that a device signs in with, at the broker and for downloads: its thing name, save for colons. */
export const deviceUser = (thing: string): string => thing.replaceAll(':', COLON_AT_BROKER);

/** The thing that signs in as `user`; who wrote the colons themselves is understood too. */
export const thingOfUser = (user: string): string => user.replaceAll(COLON_AT_BROKER, ':');

const KEY_BYTES = 32;
/** 32 characters of base64url: 192 bits. */
const PASSWORD_LENGTH = 32;

/** To make one of a buffer costs six times as much as the hash, and a fleet's passwords are made together. */
const keyObjects = new WeakMap<Buffer, KeyObject>();

function derive(key: Buffer, text: string): string {
  const keyObject = keyObjects.get(key) ?? createSecretKey(key);
  keyObjects.set(key, keyObject);
  return createHmac('sha256', keyObject).update(text).digest('base64url').slice(0, PASSWORD_LENGTH);
}

/** The password of a device, derived from the installation's key: nothing about it is stored. */
export const devicePassword = (key: Buffer, thing: string): string => derive(key, `device:${thing}`);

export const gatewayPassword = (key: Buffer): string => derive(key, 'gateway:0');

/**
 * Where the key stands; whoever reads it can speak as any device.
 * @internal tests look at who may read it
 */
export const credentialsKeyFile = (dataDirectory: string): string => join(dataDirectory, 'keys', 'credentials.key');

/** The installation's key of 32 bytes, made at the first call, readable by its owner only. Callers at once get the same. */
export function readOrCreateCredentialsKey(dataDirectory: string): Buffer {
  const file = credentialsKeyFile(dataDirectory);
  mkdirSync(join(dataDirectory, 'keys'), { recursive: true, mode: 0o700 });
  const own = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  writeFileSync(own, randomBytes(KEY_BYTES), { mode: 0o600, flush: true });
  try {
    // Unlike a rename, a link never replaces the key that another process made in the same moment.
    linkSync(own, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(own, { force: true });
  }
  return readFileSync(file);
}
