import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HttpHealthCheck } from '#domain/plan/health-check.ts';
import { runHealthCheck } from '../../../activities/runtime/run-health-check.ts';

/** What the service does at each path: a status, and for a redirection where to. */
let pages: Record<string, { status: number; to?: string; body?: string }>;
let asked: { readonly place: string; readonly token: string | undefined }[];
let service: Server;
let elsewhere: Server;
let base: string;
let other: string;

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function listen(name: string): Promise<Server> {
  const server = createServer((request: IncomingMessage, response) => {
    const token = request.headers['x-token'];
    asked.push({ place: `${name} ${request.method} ${request.url}`, token: String(token) });
    const page = pages[request.url ?? ''] ?? { status: 404 };
    response.writeHead(page.status, page.to === undefined ? {} : { location: page.to }).end(page.body ?? 'page');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

beforeAll(async () => {
  [service, elsewhere] = [await listen('service'), await listen('elsewhere')];
  base = `http://127.0.0.1:${portOf(service)}`;
  other = `http://127.0.0.1:${portOf(elsewhere)}`;
});
afterAll(() => {
  for (const server of [service, elsewhere]) {
    server.closeAllConnections();
    server.close();
  }
});
beforeEach(() => {
  asked = [];
  pages = {};
});

const check = (changes: Partial<HttpHealthCheck> = {}): HttpHealthCheck => ({
  type: 'http',
  name: 'api',
  url: `${base}/health`,
  method: 'GET',
  timeoutMs: 5_000,
  expectedStatus: 200,
  retryCount: 0,
  ...changes,
});

const run = (of: HttpHealthCheck, env: NodeJS.ProcessEnv = {}) =>
  runHealthCheck(of, {
    dataDirectory: '/nowhere',
    env,
    signal: new AbortController().signal,
    budgetMs: 60_000,
    wait: () => Promise.resolve(),
  });

describe('an http health check whose service redirects', () => {
  it('is well when the redirection is what was expected, and follows it nowhere', async () => {
    pages = { '/health': { status: 302, to: '/login' }, '/login': { status: 200 } };
    expect(await run(check({ expectedStatus: 302 }))).toMatchObject({ healthy: true, summary: 'api: 302' });
    expect(asked.map(({ place }) => place)).toEqual(['service GET /health']);
  });

  it('follows it within the service, and shows who answered', async () => {
    pages = { '/health': { status: 307, to: '/v2/health' }, '/v2/health': { status: 200 } };
    expect(await run(check())).toMatchObject({
      healthy: true,
      summary: `api: 200 of ${base}/v2/health`,
      seen: { answeredBy: `${base}/v2/health` },
    });
  });

  it('is ill when it leads to another origin, which is not asked', async () => {
    pages = { '/health': { status: 302, to: `${other}/login?token=hunter2` }, '/login': { status: 200 } };
    const result = await run(check());
    expect(result).toMatchObject({
      healthy: false,
      summary: `api: 302 leads to another origin, ${other}, instead of 200`,
      seen: { kind: 'led-elsewhere', to: `${other}/login?token=[redacted]` },
    });
    expect(asked.map(({ place }) => place)).toEqual(['service GET /health']);
  });

  it('is ill when it leads round and round', async () => {
    pages = { '/health': { status: 301, to: '/health' } };
    expect(await run(check())).toMatchObject({ healthy: false, summary: 'api: more than 10 redirections' });
  });

  it('asks a page to see other with GET', async () => {
    pages = { '/health': { status: 303, to: '/done' }, '/done': { status: 200 } };
    expect(await run(check({ method: 'POST' }))).toMatchObject({ healthy: true });
    expect(asked.map(({ place }) => place)).toEqual(['service POST /health', 'service GET /done']);
  });
});

describe('an http health check with headers', () => {
  const headers = { 'X-Token': { secretRef: 'env:TOKEN' }, Accept: 'text/plain' };

  it('sends them, and shows their secrets to nobody', async () => {
    pages = { '/health': { status: 500, body: 'no entry with swordfish' } };
    const result = await run(check({ headers }), { TOKEN: 'swordfish' });
    expect(asked).toMatchObject([{ token: 'swordfish' }]);
    expect(result.seen).toMatchObject({ answer: 'no entry with [redacted]' });
    expect(JSON.stringify(result)).not.toContain('swordfish');
  });

  it('shows no secret that cannot be sent either', async () => {
    const result = await run(check({ headers }), { TOKEN: 'sword\nfish' });
    expect(result.healthy).toBe(false);
    expect(JSON.stringify(result)).not.toMatch(/sword|fish/);
    expect(asked).toEqual([]);
  });

  it('cannot ask without a secret that is not there', async () => {
    await expect(run(check({ headers }))).rejects.toMatchObject({ code: 'SECRET_UNRESOLVED' });
  });
});
