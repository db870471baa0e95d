import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Route } from '#domain/containers/route.ts';
import { eventually } from '../../support/eventually.ts';
import { openHaproxyBed, type HaproxyBed } from '../../support/router/haproxy-bed.ts';
import { aRoute, memberOf } from '../../support/router/route-builder.ts';
import { get, type Answer } from '../../support/router/router-client.ts';
import type { TestBackend } from '../../support/router/test-backend.ts';
import { freePort } from '../../support/servers/ports.ts';

let bed: HaproxyBed;
let backend: TestBackend;
let route: Route;
let port: number;
beforeEach(async () => {
  bed = await openHaproxyBed();
  backend = await bed.backend('web');
  port = await freePort();
  route = aRoute('web', port, { members: [memberOf(backend, 'a')] });
  await bed.serve(route);
});
afterEach(() => bed.close());

const inMs = (durationMs: number) => new Date(Date.now() + durationMs).toISOString();
const requests = (count: number) => Array.from({ length: count }, () => get(port));
const heldNow = (count: number) =>
  eventually(async () => expect((await bed.router.observe(route.key)).heldRequests).toBe(count));

describe('while a route holds', () => {
  it('requests wait up to the bound, the others are refused at once, and all are let go together', async () => {
    await bed.router.apply({ ...route, hold: { until: inMs(60_000), maximumQueued: 20 } });
    const all = requests(30);
    const settled: Answer[] = [];
    for (const request of all) void request.then((answer) => settled.push(answer));
    await heldNow(20);
    await eventually(() => expect(settled.map(({ status }) => status)).toEqual(Array(10).fill(503)));
    expect(backend.seen).toHaveLength(0);
    await bed.router.apply(route);
    const released = performance.now();
    const answers = await Promise.all(all);
    expect(performance.now() - released).toBeLessThan(5_000);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
    await heldNow(0);
  });

  it('a recreated member serves those that waited for it', async () => {
    await bed.router.apply({ ...route, hold: { until: inMs(60_000), maximumQueued: 20 } });
    const waiting = Promise.all(requests(5));
    await heldNow(5);
    await backend.close();
    const next = await bed.backend('next');
    await bed.router.apply({ ...route, members: [memberOf(next, 'a')] });
    expect((await waiting).map(({ status, text }) => `${status} ${text}`)).toEqual(Array(5).fill('200 next'));
  });

  it('the deadline lets them go when nobody else does', async () => {
    const begun = performance.now();
    await bed.router.apply({ ...route, hold: { until: inMs(1_000), maximumQueued: 20 } });
    const answers = await Promise.all(requests(3));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(performance.now() - begun).toBeGreaterThan(900);
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  it('a client that goes away leaves its place to another', async () => {
    await bed.router.apply({ ...route, hold: { until: inMs(60_000), maximumQueued: 1 } });
    const gone = new AbortController();
    const first = fetch(`http://127.0.0.1:${port}/`, { signal: gone.signal }).catch(() => 'gone');
    await heldNow(1);
    gone.abort();
    expect(await first).toBe('gone');
    await heldNow(0);
    const second = get(port);
    await heldNow(1);
    await bed.router.apply(route);
    expect((await second).status).toBe(200);
  });

  it('a reload waits until it has ended', async () => {
    await bed.router.apply({ ...route, hold: { until: inMs(60_000), maximumQueued: 20 } });
    const waiting = Promise.all(requests(3));
    await heldNow(3);
    const { pid } = await bed.router.facts();
    const other = aRoute('api', await freePort(), { members: route.members });
    let isThere = false;
    const applied = bed.router.apply(other).then(() => {
      isThere = true;
    });
    expect(await bed.router.reconcile([other])).toBe(true);
    expect([isThere, (await bed.router.facts()).pid]).toEqual([false, pid]);
    await bed.router.apply(route);
    expect((await waiting).map(({ status }) => status)).toEqual([200, 200, 200]);
    await applied;
    expect((await bed.router.facts()).pid).not.toBe(pid);
  });

  it('a change of its own port lets its requests go first', async () => {
    await bed.router.apply({ ...route, hold: { until: inMs(60_000), maximumQueued: 20 } });
    const waiting = Promise.all(requests(3));
    await heldNow(3);
    const moved = await freePort();
    await bed.router.apply({ ...route, listen: { host: '127.0.0.1', port: moved } });
    expect((await waiting).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await get(moved)).status).toBe(200);
  });
});
