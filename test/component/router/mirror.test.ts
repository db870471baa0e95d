import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Route } from '#domain/containers/route.ts';
import { createRuntimeClient } from '../../../activities/adapters/haproxy/runtime-client.ts';
import { eventually } from '../../support/eventually.ts';
import { openHaproxyBed, type HaproxyBed } from '../../support/router/haproxy-bed.ts';
import { aRoute, memberOf } from '../../support/router/route-builder.ts';
import { get, getAll } from '../../support/router/router-client.ts';
import type { TestBackend } from '../../support/router/test-backend.ts';
import { freePort } from '../../support/servers/ports.ts';

let bed: HaproxyBed;
let old: TestBackend;
let next: TestBackend;
let route: Route;
let port: number;
beforeAll(async () => {
  bed = await openHaproxyBed();
});
afterAll(() => bed.close());
beforeEach(async () => {
  [old, next] = [await bed.backend('old'), await bed.backend('next')];
  port = await freePort();
  route = aRoute(`app-${port}`, port, { members: [memberOf(old, 'a'), memberOf(next, 'b')] });
  await bed.serve(route);
});

const mirrored = (percent: number, maximumInFlight: number) =>
  bed.router.apply({ ...route, mirror: { percent, maximumInFlight } });

/** Route, waiting requests, copies sent, dropped and failed. */
const counts = () => createRuntimeClient(join(bed.place.folder, 'admin.sock')).ask('sluice counts');

describe('mirroring', () => {
  it('copies requests to the coming version and drops its answers, without a reload', async () => {
    const { pid } = await bed.router.facts();
    await mirrored(100, 64);
    expect(await get(port, { path: '/list?page=2', headers: { 'x-trace': '7' } })).toMatchObject({
      status: 200,
      text: 'old',
    });
    await eventually(() => expect(next.seen).toHaveLength(1));
    expect(next.seen[0]).toMatchObject({ url: '/list?page=2', headers: { 'x-trace': '7', 'x-sluice-mirror': '1' } });
    await bed.router.apply(route);
    await get(port);
    expect(next.seen).toHaveLength(1);
    expect((await bed.router.facts()).pid).toBe(pid);
  });

  it('copies the share that was asked for', async () => {
    await mirrored(50, 64);
    await getAll(port, Array<Record<string, string>>(400).fill({}));
    await eventually(() => expect(next.seen.length).toBeGreaterThan(130));
    expect(next.seen.length).toBeLessThan(270);
  });

  it('copies nothing with a body', async () => {
    await mirrored(100, 64);
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'order' });
    expect(await answer.text()).toBe('old');
    await get(port, { path: '/after' });
    await eventually(() => expect(next.seen.map(({ url }) => url)).toEqual(['/after']));
  });

  it('makes no request wait for a slow copy, and drops those over the bound', async () => {
    next.setDelayMs(8_000);
    await mirrored(100, 2);
    const answers = await getAll(port, Array<Record<string, string>>(50).fill({}));
    expect(answers.every(({ text }) => text === 'old')).toBe(true);
    expect(Math.max(...answers.map(({ durationMs }) => durationMs))).toBeLessThan(7_000);
    expect(await counts()).toContain(`${route.key} 0 2 48 0`);
  });

  it('counts copies that nobody answers, and their places become free again', async () => {
    await mirrored(100, 1);
    await next.close();
    for (const failed of [1, 2, 3]) {
      expect((await get(port)).text).toBe('old');
      await eventually(async () => expect(await counts()).toContain(`${route.key} 0 ${failed} 0 ${failed}`));
    }
  });
});
