import { afterEach, expect, it } from 'vitest';
import { askHaproxy, startHaproxy, type HaproxyServer } from '../../support/servers/haproxy.ts';
import { freePort } from '../../support/servers/ports.ts';

let proxy: HaproxyServer | undefined;

afterEach(() => proxy?.stop());

const answering = (port: number): string =>
  [
    'defaults',
    '  mode http',
    '  timeout client 5s',
    'frontend test',
    `  bind 127.0.0.1:${port}`,
    '  http-request return status 200',
    '',
  ].join('\n');

it('the proxy of a test refuses connections after a SIGKILL and serves the same port after a restart', async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  proxy = await startHaproxy({ configuration: () => answering(port) });
  expect((await fetch(url)).status).toBe(200);
  await proxy.kill();
  await expect(fetch(url)).rejects.toThrow();
  await proxy.restart();
  expect((await fetch(url)).status).toBe(200);
  expect(await askHaproxy(proxy.masterSocket, 'show proc')).toContain('worker');
});

it('the proxy of a test says why its configuration is refused', async () => {
  await expect(startHaproxy({ configuration: () => 'frontend test\n  nonsense\n' })).rejects.toThrow(
    /ended before it was ready[^]*nonsense/,
  );
});
