// The witness of the switches is honest: it counts as failed what failed.
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { LoadProcess } from '../../bench/containers/load/load-process.ts';
import type { WindowReport } from '../../bench/containers/load/load-report.ts';
import { total } from '../../bench/containers/measure/scene.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/servers/ports.ts';
import { startServer, type ServerProcess } from '../../support/servers/server-process.ts';

const SHOP = fileURLToPath(new URL('../../../examples/shop/server.mjs', import.meta.url));
const LIGHT = {
  keepAliveConnections: 4,
  keepAlivePerSecond: 100,
  shortPerSecond: 20,
  streams: 2,
  webSockets: 2,
  longSeconds: 1,
};

const ends: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function startShop(env: Readonly<Record<string, string>>): Promise<{ shop: ServerProcess; load: LoadProcess }> {
  const port = await freePort();
  const command = { file: process.execPath, args: [SHOP], env: { VERSION: '1.0.0', PORT: String(port), ...env } };
  const shop = await startServer(command, async () => (await fetch(`http://127.0.0.1:${port}/health`)).ok);
  const load = await LoadProcess.start({ ...LIGHT, host: '127.0.0.1', port });
  ends.push(
    () => shop.kill(),
    () => load.stop(),
  );
  return { shop, load };
}

/** The first window in which `isSeen` holds; each begins where the one before ended. */
function windowWith(load: LoadProcess, isSeen: (window: WindowReport) => boolean): Promise<WindowReport> {
  load.begin('all');
  return eventually(async () => {
    const window = await load.end('all');
    load.begin('all');
    if (!isSeen(window)) throw new Error(`not seen in ${JSON.stringify(window)}`);
    return window;
  });
}

describe('the load of the bench', () => {
  it('counts every kind of request of a sound server as fine, by its version', async () => {
    const { load } = await startShop({});
    load.begin('whole');
    await windowWith(load, ({ kinds }) => kinds.stream.requests > 0);
    await windowWith(load, ({ kinds }) => kinds.webSocket.requests > 0);
    const whole = await load.end('whole');
    expect(total(whole)).toMatchObject({ failed: 0, races: 0 });
    expect(Object.keys(whole.versions)).toEqual(['1.0.0']);
    expect(whole.kinds.keepAlive.latency.p50Ms).toBeGreaterThan(0);
    expect(whole.kinds.short.requests).toBeGreaterThan(0);
  });

  it('counts a 500 as failed and says which version gave it', async () => {
    const { load } = await startShop({ FAIL_PERCENT: '100' });
    const window = await windowWith(load, ({ kinds }) => kinds.keepAlive.requests > 0);
    expect(window.kinds.keepAlive.failed).toBe(window.kinds.keepAlive.requests);
    expect(window.failures[0]?.reason).toBe('status 500 from 1.0.0');
  });

  it('counts cut streams and WebSockets, refused connections and the races of kept ones when the server is killed', async () => {
    const { shop, load } = await startShop({});
    await windowWith(load, ({ kinds }) => kinds.stream.requests > 0);
    load.begin('killed');
    await shop.kill();
    await windowWith(load, ({ kinds }) => kinds.short.failed > 0 && kinds.keepAlive.failed > 0);
    const { kinds, failures } = await load.end('killed');
    expect([kinds.stream.failed, kinds.webSocket.failed].every((failed) => failed >= 2)).toBe(true);
    expect(failures.map(({ reason }) => reason)).toContain('silent: ECONNREFUSED');
  });

  it('sees a stopping server finish its streams, and counts the WebSockets that it closes with 1001', async () => {
    const { shop, load } = await startShop({});
    await windowWith(load, ({ kinds }) => kinds.webSocket.requests > 0);
    load.begin('stopping');
    await shop.stop();
    const { failures } = await load.end('stopping');
    expect(failures.filter(({ kind, reason }) => kind === 'stream' && reason.startsWith('broken'))).toEqual([]);
    expect(failures.some(({ reason }) => reason.startsWith('closed with 1001'))).toBe(true);
  });
});
