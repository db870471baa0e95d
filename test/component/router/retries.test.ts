import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RouterOptions } from '../../../activities/adapters/haproxy/place.ts';
import { openHaproxyBed, type HaproxyBed } from '../../support/router/haproxy-bed.ts';
import { aRoute, memberOf } from '../../support/router/route-builder.ts';
import { get } from '../../support/router/router-client.ts';
import { freePort } from '../../support/servers/ports.ts';

// A member that is well when it is looked at and hangs up on every request.
let rude: Server;
let refused: number;
beforeEach(async () => {
  refused = 0;
  rude = createServer((request, response) => {
    if (request.url === '/health') return response.end();
    refused += 1;
    return request.socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(rude, 'listening');
});
afterEach(() => {
  rude.close();
});

async function statuses(options: RouterOptions, method: 'GET' | 'POST'): Promise<number[]> {
  const bed: HaproxyBed = await openHaproxyBed(options);
  try {
    const good = await bed.backend('good');
    const port = await freePort();
    const bad = { name: 'rude', address: { host: '127.0.0.1', port: (rude.address() as AddressInfo).port } };
    await bed.serve(aRoute('web', port, { members: [memberOf(bad, 'a'), memberOf(good, 'a')] }));
    const found: number[] = [];
    // Each on a connection of its own: on a used one HAProxy hangs up instead of answering 502.
    for (let time = 0; time < 6; time += 1) found.push((await get(port, { method })).status);
    return found;
  } finally {
    await bed.close();
  }
}

it('a read that a member drops is answered by another one', async () => {
  expect(await statuses({ retries: 3 }, 'GET')).toEqual(Array(6).fill(200));
  expect(refused).toBeGreaterThan(0);
});

it('a write that a member drops is not done a second time', async () => {
  expect((await statuses({ retries: 3 }, 'POST')).filter((status) => status === 502)).toHaveLength(refused);
  expect(refused).toBe(3);
});

it('without retries every dropped request is seen', async () => {
  expect((await statuses({ retries: 0 }, 'GET')).filter((status) => status === 502)).toHaveLength(3);
});
