import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  devicePassword,
  deviceUser,
  readOrCreateCredentialsKey,
} from '../../../activities/adapters/mqtt/credentials.ts';
import { createPool, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import { authenticateDevices } from '../../../client/http/device-auth.ts';
import { createHttpServer, type HttpServerDeps } from '../../../client/http/server.ts';
import { createLogger } from '../../../client/engine/logging.ts';
import { makeTempFolder, type TempFolder } from '../../support/servers/temp-folder.ts';
import { createTestDatabase, type TestDatabase } from '../../support/servers/test-database.ts';

// Longer than one read of a file stream, so that parts are cut in the middle of one.
const BYTES = randomBytes(200_000);
const SHA256 = createHash('sha256').update(BYTES).digest('hex');
const THING = 'site:a-1';

let folder: TempFolder;
let database: TestDatabase;
let pool: Pool;
let server: FastifyInstance;
let base: string;
let key: Buffer;

beforeAll(async () => {
  folder = makeTempFolder('artifacts');
  database = await createTestDatabase();
  pool = createPool(database.url);
  await pool.query("insert into devices (thing, hardware, firmware) values ($1, 'edge-a', '1.0.0')", [THING]);
  mkdirSync(join(folder.path, 'artifacts'));
  writeFileSync(join(folder.path, 'artifacts', SHA256), BYTES);
  key = readOrCreateCredentialsKey(folder.path);
  server = createHttpServer(deps());
  base = await server.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await server.close();
  await pool.end();
  await database.drop();
  folder.remove();
});

const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const own = (): string => basic(THING, devicePassword(key, THING));

function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> {
  return fetch(`${base}${path}`, { method, headers: { authorization: own(), ...headers } });
}

const deps = (): HttpServerDeps => ({
  dataDirectory: folder.path,
  authenticate: authenticateDevices(key, pool),
  inspect: () => Promise.resolve({ well: true, dataDirectory: folder.path, parts: [] }),
  logger: createLogger('http', 'silent'),
});

const bytesOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());

describe('the artifact server gives a device', () => {
  it('the bytes, for ever', async () => {
    const response = await get(`/artifacts/${SHA256}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toContain('immutable');
    expect(response.headers.get('etag')).toBe(`"${SHA256}"`);
    expect(response.headers.get('content-length')).toBe(String(BYTES.length));
    expect((await bytesOf(response)).equals(BYTES)).toBe(true);
  });

  it('the bytes by the name that it signs in with at the broker', async () => {
    const authorization = basic(deviceUser(THING), devicePassword(key, THING));
    expect((await get(`/artifacts/${SHA256}`, { authorization })).status).toBe(200);
  });

  it('only the headers for HEAD', async () => {
    const response = await get(`/artifacts/${SHA256}`, {}, 'HEAD');
    expect(response.headers.get('content-length')).toBe(String(BYTES.length));
    expect((await bytesOf(response)).length).toBe(0);
  });

  it('the part that it still misses', async () => {
    const response = await get(`/artifacts/${SHA256}`, { range: 'bytes=123456-' });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes 123456-${BYTES.length - 1}/${BYTES.length}`);
    expect((await bytesOf(response)).equals(BYTES.subarray(123_456))).toBe(true);
  });

  it('the part if it has begun with the same bytes, everything if with others', async () => {
    const range = 'bytes=10-19';
    const same = await get(`/artifacts/${SHA256}`, { range, 'if-range': `"${SHA256}"` });
    expect([same.status, (await bytesOf(same)).length]).toEqual([206, 10]);
    const other = await get(`/artifacts/${SHA256}`, { range, 'if-range': '"another"' });
    expect([other.status, (await bytesOf(other)).length]).toEqual([200, BYTES.length]);
  });

  it('nothing again that it already has', async () => {
    expect((await get(`/artifacts/${SHA256}`, { 'if-none-match': `"${SHA256}"` })).status).toBe(304);
  });
});

describe('the artifact server refuses', () => {
  it('a part outside the bytes, saying how many there are', async () => {
    const response = await get(`/artifacts/${SHA256}`, { range: `bytes=${BYTES.length}-` });
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe(`bytes */${BYTES.length}`);
    expect(await response.json()).toMatchObject({ error: { code: 'RANGE_NOT_SATISFIABLE' } });
  });

  it.each([
    ['an unknown artifact', `/artifacts/${'0'.repeat(64)}`],
    ['what is no digest', '/artifacts/..%2Fkeys%2Fcredentials.key'],
  ])('%s', async (_name, path) => {
    const response = await get(path);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 'ARTIFACT_BYTES_UNKNOWN' } });
  });

  it.each([
    ['nobody', () => ''],
    ['a wrong password', () => basic(THING, 'x'.repeat(32))],
    ["another device's password", () => basic(THING, devicePassword(key, 'site:a-2'))],
    ['a device that is not registered', () => basic('ghost', devicePassword(key, 'ghost'))],
    ['another scheme', () => 'Bearer token'],
  ])('%s', async (_name, authorization) => {
    const response = await get(`/artifacts/${SHA256}`, { authorization: authorization() });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Basic/);
    expect(await response.json()).toMatchObject({ error: { code: 'DEVICE_NOT_AUTHENTICATED' } });
  });

  it('a path that leads nowhere', async () => {
    const response = await get('/elsewhere');
    expect([response.status, await response.json()]).toMatchObject([404, { error: { code: 'HTTP_ROUTE_UNKNOWN' } }]);
  });
});

describe('the artifact server without its database', () => {
  it('asks the device to come again, instead of refusing it', async () => {
    const gone = createPool('postgresql://postgres@127.0.0.1:1/sluice');
    const blind = createHttpServer({ ...deps(), authenticate: authenticateDevices(key, gone) });
    const response = await blind.inject({ url: `/artifacts/${SHA256}`, headers: { authorization: own() } });
    await blind.close();
    await gone.end();
    expect([response.statusCode, response.json()]).toMatchObject([503, { error: { code: 'DATABASE_ERROR' } }]);
  });
});

describe('the firmware key', () => {
  it('is missing until the first artifact, then given to everybody', async () => {
    expect(await (await get('/keys/firmware.pem')).json()).toMatchObject({ error: { code: 'SIGNING_KEY_MISSING' } });
    writeFileSync(join(folder.path, 'keys', 'firmware-signing.pub.pem'), 'PEM');
    const response = await fetch(`${base}/keys/firmware.pem`);
    expect([response.status, await response.text()]).toEqual([200, 'PEM']);
  });
});

describe('the server itself', () => {
  it('says how the parts are', async () => {
    const response = await fetch(`${base}/healthz`);
    expect([response.status, await response.json()]).toEqual([200, { well: true, parts: [] }]);
  });
});
