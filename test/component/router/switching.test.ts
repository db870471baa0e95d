import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Route } from '#domain/containers/route.ts';
import { eventually } from '../../support/eventually.ts';
import { openHaproxyBed, type HaproxyBed } from '../../support/router/haproxy-bed.ts';
import { aRoute, memberOf } from '../../support/router/route-builder.ts';
import { get, openStream, startLoad, type Load } from '../../support/router/router-client.ts';
import { freePort } from '../../support/servers/ports.ts';

let bed: HaproxyBed;
let port: number;
beforeEach(async () => {
  // Nothing is tried again: each fault of a switch would be a failed request.
  bed = await openHaproxyBed({ retries: 0 });
  port = await freePort();
});
afterEach(() => bed.close());

const answeredMore = (load: Load, more: number) => {
  const enough = load.answered() + more;
  return eventually(() => expect(load.answered()).toBeGreaterThanOrEqual(enough));
};

describe('switching under load without retries', () => {
  it('replaces members one by one, and then the arm, and fails no request', async () => {
    const backends = await Promise.all(['1', '2', '3', '4'].map((name) => bed.backend(name)));
    const [one, two, three, four] = backends.map((backend) => memberOf(backend, 'a'));
    if (!one || !two || !three || !four) throw new Error('no members');
    const route = aRoute('web', port, { members: [one, two] });
    await bed.serve(route);
    const { pid } = await bed.router.facts();
    const load = startLoad(port, 'kept');
    const steps: Partial<Route>[] = [
      { members: [one, two, three] },
      { members: [{ ...one, state: 'drain' }, two, three] },
      { members: [two, three] },
      { members: [two, three, { ...four, arm: 'b' }] },
      { members: [two, three, { ...four, arm: 'b' }], canaryBasisPoints: 5_000 },
      { members: [two, three, { ...four, arm: 'b' }], canaryBasisPoints: 10_000 },
      { members: [two, three, { ...four, arm: 'b' }], stableArm: 'b' },
      { members: [{ ...four, arm: 'b' }], stableArm: 'b' },
    ];
    for (const step of steps) {
      await bed.serve({ ...route, ...step });
      await answeredMore(load, 100);
    }
    const { failures, byText } = await load.stop();
    expect(failures).toEqual([]);
    expect(Object.keys(byText).toSorted()).toEqual(['1', '2', '3', '4']);
    expect((await get(port)).text).toBe('4');
    expect((await bed.router.facts()).pid).toBe(pid);
  });

  it('brings a new application by a reload while the other one serves every request', async () => {
    const [web, api] = [await bed.backend('web'), await bed.backend('api')];
    await bed.serve(aRoute('web', port, { members: [memberOf(web, 'a')] }));
    const { pid } = await bed.router.facts();
    const loads = [startLoad(port, 'each-new'), startLoad(port, 'kept')];
    await Promise.all(loads.map((load) => answeredMore(load, 20)));
    const apiPort = await freePort();
    await bed.serve(aRoute('api', apiPort, { members: [memberOf(api, 'a')] }));
    await Promise.all(loads.map((load) => answeredMore(load, 20)));
    for (const load of loads) expect((await load.stop()).failures).toEqual([]);
    expect((await get(apiPort)).text).toBe('api');
    expect((await bed.router.facts()).pid).not.toBe(pid);
  });
});

describe('a member in drain', () => {
  it('finishes the answer that it has begun, and gets nothing new', async () => {
    const [old, next] = [await bed.backend('old'), await bed.backend('next')];
    const route = aRoute('web', port, { members: [memberOf(old, 'a')] });
    await bed.serve(route);
    const stream = openStream(port);
    await stream.begun;
    await bed.serve({ ...route, members: [memberOf(old, 'a', { state: 'drain' }), memberOf(next, 'a')] });
    const texts = await Promise.all(Array.from({ length: 20 }, () => get(port)));
    expect(new Set(texts.map(({ text }) => text))).toEqual(new Set(['next']));
    const drained = async () =>
      (await bed.router.observe(route.key)).members.find(({ name }) => name === 'old')?.inFlight;
    expect(await drained()).toBe(1);
    // Taken out with the answer still under way: it stays, out of use, until the answer has ended.
    await bed.router.apply({ ...route, members: [memberOf(next, 'a')] });
    old.finishStreams();
    expect(await stream.ended).toMatch(/begin [^]*end/);
    await eventually(async () => {
      await bed.router.reconcile([{ ...route, members: [memberOf(next, 'a')] }]);
      expect(await drained()).toBeUndefined();
    });
  });

  it('is cut when its time is over', async () => {
    const old = await bed.backend('old');
    const route = aRoute('web', port, { members: [memberOf(old, 'a')] });
    await bed.serve(route);
    const stream = openStream(port);
    await stream.begun;
    await bed.router.cutSessions(route.key, ['old']);
    expect(await stream.ended).not.toContain('end');
  });
});

describe('a member whose check fails', () => {
  it('is not up, and gets nothing as soon as that is known', async () => {
    const [one, two] = [await bed.backend('one'), await bed.backend('two')];
    const route = aRoute('web', port, { members: [memberOf(one, 'a'), memberOf(two, 'a')] });
    await bed.serve(route);
    two.setHealthy(false);
    await eventually(async () => {
      expect((await bed.router.observe(route.key)).members.map(({ up }) => up)).toEqual([true, false]);
    });
    await eventually(async () => {
      const texts = await Promise.all(Array.from({ length: 10 }, () => get(port)));
      expect(texts.every(({ text }) => text === 'one')).toBe(true);
    });
    two.setHealthy(true);
    await eventually(async () => {
      expect((await bed.router.observe(route.key)).members.map(({ up }) => up)).toEqual([true, true]);
    });
  });

  it('is asked over TCP alone when the application has no health path', async () => {
    const one = await bed.backend('one');
    one.setHealthy(false);
    const gone = { name: 'gone', address: { host: '127.0.0.1', port: await freePort() } };
    const route = aRoute('web', port, { healthCheck: null, members: [memberOf(one, 'a'), memberOf(gone, 'a')] });
    await bed.router.apply(route);
    await eventually(async () => {
      expect((await bed.router.observe(route.key)).members.map(({ up }) => up)).toEqual([true, false]);
    });
  });
});
