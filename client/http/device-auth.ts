import { timingSafeEqual } from 'node:crypto';
import { sluiceError } from '#domain/errors/failure.ts';
import { devicePassword, thingOfUser } from '../../activities/adapters/mqtt/credentials.ts';
import type { Pool } from '../../activities/adapters/postgres/pool.ts';

/** Says which device asks. Throws DEVICE_NOT_AUTHENTICATED when the header does not prove it. */
export type AuthenticateDevice = (authorization: string | undefined) => Promise<string>;

/** Devices prove themselves by HTTP with the name and password that they have at the broker. */
export function authenticateDevices(credentialsKey: Buffer, database: Pool): AuthenticateDevice {
  return async (authorization) => {
    const given = parseBasic(authorization);
    if (!given || !isSame(given.password, devicePassword(credentialsKey, given.thing))) throw notAuthenticated();
    // The password follows from the name alone: without this, one of a deleted device would go on working.
    const found = await database.query('select 1 from devices where thing = $1', [given.thing]);
    if (found.rowCount === 0) throw notAuthenticated();
    return given.thing;
  };
}

const notAuthenticated = () => sluiceError('DEVICE_NOT_AUTHENTICATED', {});

function parseBasic(header: string | undefined): { thing: string; password: string } | null {
  const [scheme, encoded] = header?.split(' ') ?? [];
  if (scheme?.toLowerCase() !== 'basic' || encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  // Thing names may hold colons, passwords (base64url) cannot.
  const colon = text.lastIndexOf(':');
  return colon < 0 ? null : { thing: thingOfUser(text.slice(0, colon)), password: text.slice(colon + 1) };
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
