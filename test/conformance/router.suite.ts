// What every Router has to do, run on a real HAProxy and on the one in memory.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Arm, Route, RouteMember } from '#domain/containers/route.ts';
import type { ObservedRoute, Router } from '#domain/ports/router.port.ts';
import { eventually } from '../support/eventually.ts';
import { aRoute, memberOf } from '../support/router/route-builder.ts';

/** A router with the hands of its members and clients on it. */
export interface RouterBed {
  readonly router: Router;
  freePort(): Promise<number>;
  /** A port on which another program listens. */
  takenPort(): Promise<number>;
  /** A program that answers. */
  member(name: string): Promise<{ readonly name: string; readonly address: { host: string; port: number } }>;
  /** An address at which nobody answers. */
  deadMember(name: string): Promise<{ readonly name: string; readonly address: { host: string; port: number } }>;
  /** Sends requests that get 200. */
  request(route: Route, times: number): Promise<void>;
  /** Begins a request on `member`, the only one of `route` in use. */
  begin(route: Route, member: string): Promise<{ finish(): Promise<void> }>;
  /** Takes a server out and moves the share, behind the router's back. */
  meddle(route: Route, member: RouteMember): Promise<void>;
  /** The process dies without a word. */
  kill(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

const inOneMinute = () => new Date(Date.now() + 60_000).toISOString();
const names = ({ members }: ObservedRoute, arm: Arm) =>
  members
    .filter((member) => member.arm === arm)
    .map(({ name }) => name)
    .toSorted();

export function routerConformance(name: string, make: () => Promise<RouterBed>): void {
  describe(`router: ${name}`, () => {
    let bed: RouterBed;
    let router: Router;
    let route: Route;
    let count = 0;
    const member = async (label: string, arm: Arm = 'a') => memberOf(await bed.member(`${label}-${count}`), arm);
    const observedUp = (key: string, up: readonly string[]) =>
      eventually(async () => {
        const observed = await router.observe(key);
        expect(observed.members.filter((each) => each.up).map((each) => each.name)).toEqual(
          expect.arrayContaining([...up]),
        );
        return observed;
      });

    beforeAll(async () => {
      bed = await make();
      router = bed.router;
    });
    afterAll(() => bed.close());
    beforeEach(async () => {
      count += 1;
      route = aRoute(`app-${count}`, await bed.freePort(), { generation: 5 });
      route = { ...route, members: [await member('one')] };
      await router.apply(route);
    });

    it('shows what was applied', async () => {
      const [one] = route.members;
      const two = await member('two', 'b');
      await router.apply({ ...route, canaryBasisPoints: 2_500, members: [...route.members, two] });
      const observed = await observedUp(route.key, [`one-${count}`, `two-${count}`]);
      expect(observed).toMatchObject({ key: route.key, stableArm: 'a', canaryBasisPoints: 2_500, isHolding: false });
      expect(observed.members).toMatchObject([
        { ...one, up: true, inFlight: 0 },
        { ...two, up: true, inFlight: 0 },
      ]);
    });

    it('tells what it was told last, also after its death', async () => {
      expect(await router.written('test.nobody')).toBeNull();
      const changed = { ...route, canaryBasisPoints: 2_500 };
      await router.apply(changed);
      expect(await router.written(route.key)).toEqual(changed);
      await bed.kill();
      await bed.start();
      expect(await router.written(route.key)).toEqual(changed);
      await router.remove(route.key, route.generation);
      expect(await router.written(route.key)).toBeNull();
    });

    it('may be told the same again', async () => {
      await router.apply(route);
      const before = await observedUp(route.key, [`one-${count}`]);
      await router.apply(route);
      expect(await router.observe(route.key)).toEqual(before);
    });

    it('knows only routes that were applied', async () => {
      const calls: (() => Promise<unknown>)[] = [
        () => router.observe('test.no'),
        () => router.cutSessions('test.no', []),
      ];
      for (const call of calls) {
        await expect(call()).rejects.toMatchObject({ code: 'ROUTE_UNKNOWN' });
      }
    });

    it('refuses a lower generation, also after the route was removed, and takes the same and a higher one', async () => {
      await router.apply({ ...route, canaryBasisPoints: 100 });
      const older = { ...route, generation: 4, canaryBasisPoints: 9_999 };
      await expect(router.apply(older)).rejects.toMatchObject({ code: 'ROUTE_FENCED' });
      await expect(router.remove(route.key, 4)).rejects.toMatchObject({ code: 'ROUTE_FENCED' });
      expect(await router.observe(route.key)).toMatchObject({ canaryBasisPoints: 100 });
      await router.apply({ ...route, generation: 6, canaryBasisPoints: 200 });
      await router.remove(route.key, 6);
      await expect(router.apply(route)).rejects.toMatchObject({ code: 'ROUTE_FENCED' });
      await router.apply({ ...route, generation: 6 });
      expect(await router.observe(route.key)).toMatchObject({ canaryBasisPoints: 0 });
    });

    it('calls a member up only when it answers', async () => {
      const dead = memberOf(await bed.deadMember(`dead-${count}`), 'b');
      const two = await member('two', 'b');
      await router.apply({ ...route, members: [...route.members, dead, two] });
      // The one that was added last is up by a check: the dead one was checked before it or with it.
      const observed = await observedUp(route.key, [`two-${count}`]);
      expect(observed.members.find((each) => each.name === dead.name)).toMatchObject({ state: 'ready', up: false });
      expect((await router.observe(route.key)).members.find((each) => each.name === dead.name)?.up).toBe(false);
    });

    it('changes weight, state and address of a member', async () => {
      const [one] = route.members;
      if (!one) throw new Error('no member');
      const other = await bed.member(`moved-${count}`);
      await router.apply({ ...route, members: [{ ...one, weight: 7, state: 'drain' }] });
      expect((await router.observe(route.key)).members).toMatchObject([{ weight: 7, state: 'drain' }]);
      await router.apply({ ...route, members: [{ ...one, state: 'maint' }] });
      expect((await router.observe(route.key)).members).toMatchObject([{ weight: 100, state: 'maint', up: false }]);
      await router.apply({ ...route, members: [{ ...one, ...other.address }] });
      const observed = await observedUp(route.key, [one.name]);
      expect(observed.members).toMatchObject([{ name: one.name, ...other.address, state: 'ready' }]);
    });

    it('promotes the other arm and empties the first', async () => {
      const two = await member('two', 'b');
      const both = { ...route, canaryBasisPoints: 10_000, members: [...route.members, two] };
      await router.apply(both);
      await router.apply({ ...both, stableArm: 'b', canaryBasisPoints: 0 });
      expect(await router.observe(route.key)).toMatchObject({ stableArm: 'b', canaryBasisPoints: 0 });
      await router.apply({ ...route, stableArm: 'b', members: [two] });
      const observed = await router.observe(route.key);
      expect([names(observed, 'a'), names(observed, 'b')]).toEqual([[], [`two-${count}`]]);
    });

    it('keeps a member that was taken out until its request has ended', async () => {
      const two = await member('two', 'b');
      await observedUp(route.key, [`one-${count}`]);
      const request = await bed.begin(route, `one-${count}`);
      const promoted = { ...route, stableArm: 'b' as const, members: [two] };
      await router.apply(promoted);
      const leaving = { name: `one-${count}`, state: 'maint', inFlight: 1 };
      expect((await router.observe(route.key)).members).toContainEqual(expect.objectContaining(leaving));
      await request.finish();
      await eventually(async () => {
        await router.reconcile([promoted]);
        expect(names(await router.observe(route.key), 'a')).toEqual([]);
      });
    });

    it('cuts what runs on a member', async () => {
      await observedUp(route.key, [`one-${count}`]);
      await bed.begin(route, `one-${count}`);
      const inFlight = async () => (await router.observe(route.key)).members.map((each) => each.inFlight);
      expect(await inFlight()).toEqual([1]);
      await router.cutSessions(route.key, [`one-${count}`]);
      await eventually(async () => expect(await inFlight()).toEqual([0]));
    });

    it('holds until it is told otherwise, and no longer than the deadline', async () => {
      await router.apply({ ...route, hold: { until: inOneMinute(), maximumQueued: 5 } });
      expect(await router.observe(route.key)).toMatchObject({ isHolding: true, heldRequests: 0 });
      await router.apply(route);
      expect(await router.observe(route.key)).toMatchObject({ isHolding: false });
      const soon = new Date(Date.now() + 200).toISOString();
      await router.apply({ ...route, hold: { until: soon, maximumQueued: 5 } });
      await eventually(async () => expect(await router.observe(route.key)).toMatchObject({ isHolding: false }));
    });

    it('names a port that is taken and serves on as before', async () => {
      const rival = { ...aRoute(`rival-${count}`, await bed.takenPort()), members: route.members };
      const taken = (wanted: Route) => expect(router.apply(wanted)).rejects.toMatchObject({ code: 'PORT_TAKEN' });
      await taken(rival);
      await taken({ ...rival, listen: route.listen });
      await taken({
        ...rival,
        listen: { ...route.listen, port: await bed.freePort() },
        previewPort: route.listen.port,
      });
      await expect(router.observe(rival.key)).rejects.toMatchObject({ code: 'ROUTE_UNKNOWN' });
      expect(await router.observe(route.key)).toMatchObject({ canaryBasisPoints: 0 });
      await router.remove(route.key, 5);
      await expect(router.observe(route.key)).rejects.toMatchObject({ code: 'ROUTE_UNKNOWN' });
      await router.apply({ ...rival, listen: route.listen });
      expect(await router.observe(rival.key)).toMatchObject({ stableArm: 'a' });
    });

    it('refuses text that is no name or address', async () => {
      const [one] = route.members;
      if (!one) throw new Error('no member');
      for (const wrong of [
        { ...route, members: [{ ...one, name: 'x; shutdown sessions' }] },
        { ...route, members: [{ ...one, host: 'example.org' }] },
        { ...route, healthCheck: { path: '/a b', expectedStatus: 200 } },
        { ...route, rules: { ...route.rules, clientIdHeader: 'X\n' } },
      ]) {
        await expect(router.apply(wrong)).rejects.toMatchObject({ code: 'ROUTE_INVALID' });
      }
    });

    it('serves the same after its death, with counters at zero', async () => {
      const two = await member('two', 'b');
      const members = [...route.members.map((each) => ({ ...each, weight: 33 })), { ...two, state: 'drain' as const }];
      await router.apply({ ...route, canaryBasisPoints: 500, members });
      await observedUp(route.key, [`one-${count}`]);
      await bed.request(route, 3);
      const [before, counted] = [await router.facts(), await router.observe(route.key)];
      expect(counted.members).toMatchObject([{ counters: { requests: 3 } }, { counters: { requests: 0 } }]);
      await bed.kill();
      await expect(router.apply(route)).rejects.toMatchObject({ code: 'ROUTER_UNREACHABLE' });
      await bed.start();
      expect((await router.facts()).pid).not.toBe(before.pid);
      await router.reconcile([route]);
      const observed = await observedUp(route.key, [`one-${count}`]);
      expect(observed).toMatchObject({
        canaryBasisPoints: 500,
        members: [
          { weight: 33, counters: { requests: 0 } },
          { state: 'drain', weight: 100, counters: { requests: 0 } },
        ],
      });
    });

    it('repairs what was changed behind its back, and of what it was not told changes nothing', async () => {
      const [one] = route.members;
      if (!one) throw new Error('no member');
      expect(await router.reconcile([route])).toBe(false);
      await bed.meddle(route, one);
      expect(await router.reconcile([])).toBe(false);
      expect((await router.observe(route.key)).canaryBasisPoints).not.toBe(0);
      expect(await router.reconcile([route])).toBe(true);
      expect(await router.observe(route.key)).toMatchObject({ canaryBasisPoints: 0, members: [{ name: one.name }] });
      expect(await router.reconcile([route])).toBe(false);
    });

    it('reconciles to a later generation, and never back within one', async () => {
      await router.apply({ ...route, canaryBasisPoints: 2_500 });
      expect(await router.reconcile([{ ...route, canaryBasisPoints: 500 }])).toBe(false);
      expect(await router.observe(route.key)).toMatchObject({ canaryBasisPoints: 2_500 });
      expect(await router.reconcile([{ ...route, generation: 6, canaryBasisPoints: 500 }])).toBe(true);
      expect(await router.observe(route.key)).toMatchObject({ canaryBasisPoints: 500 });
    });
  });
}
