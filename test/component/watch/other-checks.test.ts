import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HealthCheck } from '#domain/plan/health-check.ts';
import { runHealthCheck } from '../../../activities/runtime/run-health-check.ts';
import { eventually } from '../../support/eventually.ts';
import { createTestDatabase, type TestDatabase } from '../../support/servers/test-database.ts';

let silent: Server;
let sockets: Socket[];
let database: TestDatabase;

beforeAll(async () => {
  sockets = [];
  // Takes connections and says nothing.
  silent = createServer((socket) => sockets.push(socket));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  database = await createTestDatabase();
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  silent.close();
  await database.drop();
});

const silentPort = (): number => (silent.address() as AddressInfo).port;

const run = (check: HealthCheck, env: NodeJS.ProcessEnv = {}, signal = new AbortController().signal) =>
  runHealthCheck(check, {
    dataDirectory: '/nowhere',
    env: { PATH: process.env['PATH'], ...env },
    signal,
    budgetMs: 60_000,
    wait: () => Promise.resolve(),
  });

const times = { timeoutMs: 20_000, retryCount: 0 };

describe('a tcp health check', () => {
  const check = (port: number) => ({ type: 'tcp', name: 'door', host: '127.0.0.1', port, ...times }) as const;

  it('is well when the port takes a connection', async () => {
    expect(await run(check(silentPort()))).toMatchObject({
      healthy: true,
      summary: expect.stringMatching(/^door: open after \d+ ms$/) as string,
      seen: { asked: `127.0.0.1 port ${silentPort()}` },
    });
  });

  it('is ill, after all its tries, when nobody listens', async () => {
    expect(await run({ ...check(1), retryCount: 2 })).toMatchObject({
      healthy: false,
      tries: 3,
      summary: expect.stringContaining('ECONNREFUSED') as string,
    });
  });
});

describe('a command health check', () => {
  const check = (script: string, changes: object = {}): HealthCheck => ({
    type: 'command',
    name: 'disk',
    command: ['sh', '-c', script],
    ...times,
    ...changes,
  });

  it('is well when it exits with 0, and knows which check it is', async () => {
    const result = await run(check('echo "for $SLUICE_HEALTH_CHECK"'));
    expect(result).toMatchObject({ healthy: true, seen: { ended: 'exited', output: 'for disk\n' } });
  });

  it('is ill when it exits otherwise, with what it printed and without its secrets', async () => {
    const env = { TOKEN: { secretRef: 'env:REAL' }, PLAIN: 'text' };
    const result = await run(check('echo "$PLAIN $TOKEN" >&2; exit 3', { env }), { REAL: 'swordfish' });
    expect(result).toMatchObject({
      healthy: false,
      summary: 'disk: sh exited 3',
      seen: { output: 'text [redacted]\n' },
    });
    expect(JSON.stringify(result)).not.toContain('swordfish');
  });

  it('sees nothing else of the worker’s environment', async () => {
    expect(await run(check('test -z "$OTHER"'), { OTHER: 'secret' })).toMatchObject({ healthy: true });
  });

  it('is ill when it takes too long', async () => {
    expect(await run(check('sleep 300', { timeoutMs: 200 }))).toMatchObject({
      healthy: false,
      summary: 'disk: sh did not end within 200 ms',
    });
  });
});

describe('a database health check', () => {
  const check = (changes: object = {}): HealthCheck => ({
    type: 'database',
    name: 'db',
    connectionString: { secretRef: 'env:DB' },
    query: 'SELECT 1',
    ...times,
    ...changes,
  });

  it('is well when the query succeeds, and keeps no row', async () => {
    const result = await run(check({ query: "SELECT 'ada@example.org' UNION SELECT 'lin@example.org'" }), {
      DB: database.url,
    });
    expect(result).toMatchObject({ healthy: true, seen: { rows: 2 } });
    expect(JSON.stringify(result.summary)).toMatch(/^"db: the query succeeded in \d+ ms"$/);
  });

  it('is ill when the query fails', async () => {
    expect(await run(check({ query: 'SELECT 1 FROM nothing_here' }), { DB: database.url })).toMatchObject({
      healthy: false,
      summary: 'db: relation "nothing_here" does not exist',
    });
  });

  it('is ill when the query takes too long, and the server ends it too', async () => {
    const query = "SELECT pg_sleep(300), 'of the check'";
    expect(await run(check({ query, timeoutMs: 300 }), { DB: database.url })).toMatchObject({ healthy: false });
    const left =
      "SELECT 1 / (count(*) - 1) FROM pg_stat_activity WHERE query LIKE '%of the check%' AND state = 'active'";
    // Only this question itself is running: one more row would be a division by zero less.
    await eventually(async () => {
      expect(await run(check({ query: left }), { DB: database.url })).toMatchObject({
        summary: 'db: division by zero',
      });
    });
  });

  it('is ill when nobody answers in time', async () => {
    const result = await run(check({ timeoutMs: 150 }), {
      DB: `postgresql://ada:swordfish@127.0.0.1:${silentPort()}/x`,
    });
    expect(result).toMatchObject({ healthy: false, summary: 'db: no answer within 150 ms' });
    expect(JSON.stringify(result)).not.toContain('swordfish');
  });

  it('shows nothing of an address that is none', async () => {
    const result = await run(check(), { DB: 'postgresql://ada:sword%fish@[::/x' });
    expect(result.healthy).toBe(false);
    expect(JSON.stringify(result)).not.toMatch(/sword|ada:/);
  });

  it('ends when it is cancelled', async () => {
    const stop = new AbortController();
    const asked = run(check({ query: 'SELECT pg_sleep(300)' }), { DB: database.url }, stop.signal);
    stop.abort(new Error('cancelled'));
    await expect(asked).rejects.toThrow('cancelled');
  });

  it('cannot ask without a secret that is not there', async () => {
    await expect(run(check())).rejects.toMatchObject({ code: 'SECRET_UNRESOLVED' });
  });
});
