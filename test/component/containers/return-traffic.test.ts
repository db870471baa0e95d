import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import { insertPlace } from '../../../activities/adapters/postgres/application-places.ts';
import { inTransaction } from '../../../activities/adapters/postgres/pool.ts';
import { plannedApplication } from '../../support/containers/container-plan.ts';
import {
  openContainerWorld,
  REPLICAS,
  soon,
  type ContainerWorld,
  type PlanChanges,
} from '../../support/containers/container-world.ts';
import { attempt, codeOf } from '../../support/fleet/fleet-world.ts';

let world: ContainerWorld;
beforeAll(async () => {
  world = await openContainerWorld();
});
afterAll(() => world.close());
beforeEach(() => world.next());

const SHORT_MS = 500;
const ROLLING: PlanChanges = { plan: { strategy: { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 } } };
const nameOf = (release: number, replica: number) => `shop-${release}-${replica}`;
const back = (ref: RunRef, withinMs?: number) =>
  attempt(world.activities.returnTraffic, { ...ref, reason: 'a breach', deadlineAt: soon(withinMs) }).result;
const shift = (ref: RunRef, weightBasisPoints: number) =>
  attempt(world.activities.shiftTraffic, { ...ref, look: null, weightBasisPoints, deadlineAt: soon() }).result;
const starts = () => world.engines.local.calls.filter((call) => /^(create|start)Replica/.test(call));
const states = async () => (await world.route()).members.map(({ name, state }) => [name, state]);

describe('the way back while the old instances run', () => {
  it.each([500, 10_000])('is the switch alone, from a share of %i basis points', async (share) => {
    await world.serving('1.0.0');
    const { ref } = await world.verified('2.0.0');
    await shift(ref, share);
    const before = starts();
    expect(await back(ref)).toMatchObject({
      left: 0,
      summary: expect.stringMatching(/^1\.0\.0 serves again after \d+ ms$/) as string,
      facts: { release: 1, left: 0 },
    });
    expect(starts()).toEqual(before);
    expect(await world.route()).toMatchObject({ stableArm: 'a', canaryBasisPoints: 0 });
    expect(world.router.applied.at(-1)).toEqual(await world.route());
  });

  it('gives those their traffic back that were draining already', async () => {
    await world.serving('1.0.0', { application: { drainMs: 60_000 } });
    const { ref } = await world.verified('2.0.0');
    await shift(ref, 10_000);
    world.router.setInFlight(nameOf(1, 1), 1);
    const retiring = attempt(world.activities.retireInstances, { ...ref, look: null, keep: 0 });
    const draining = Promise.withResolvers<void>();
    const { observe } = world.router;
    world.router.observe = (key) => {
      draining.resolve();
      return observe.call(world.router, key);
    };
    await draining.promise;
    retiring.cancel();
    await expect(retiring.result).rejects.toThrow();
    const before = starts();
    await back(ref);
    expect(starts()).toEqual(before);
    expect((await states()).slice(0, 2)).toEqual([
      [nameOf(1, 1), 'ready'],
      [nameOf(1, 2), 'ready'],
    ]);
  });

  it('ends a hold', async () => {
    await world.serving('1.0.0');
    const { ref } = await world.verified('2.0.0');
    await attempt(world.activities.holdRequests, { ...ref, until: soon(60_000) }).result;
    await back(ref);
    expect((await world.route()).hold).toBeNull();
  });

  it('is the same when it is repeated, also after a death', async () => {
    const first = await world.serving('1.0.0');
    const { ref } = await world.verified('2.0.0');
    await shift(ref, 10_000);
    await attempt(world.activities.promoteRelease, { ...ref, look: null }).result;
    world.dieAt('route-written');
    await expect(back(ref)).rejects.toThrow('died');
    await back(ref);
    const route = await world.route();
    await back(ref);
    expect(await world.route()).toEqual(route);
    expect(await world.row(first.ref)).toMatchObject({ state: 'stable' });
    expect(await world.row(ref)).toMatchObject({ state: 'retired' });
  });
});

it('gives clients back the port and the rules of the version before', async () => {
  const { routing } = plannedApplication();
  await world.serving('1.0.0');
  const { listen, rules } = await world.route();
  const moved = { ...routing, listenPort: 9_123, previewPort: 9_124, rules: { ...rules, allowClients: ['ada'] } };
  const { ref } = await world.verified('2.0.0', { application: { routing: moved } });
  expect(await world.route()).toMatchObject({ listen: { port: 9_123 }, rules: { allowClients: ['ada'] } });
  await back(ref);
  expect(await world.route()).toMatchObject({ listen, previewPort: null, rules });
  expect(await world.place()).toMatchObject({ listenPort: listen.port });
});

it('serves under the port of the new version when somebody else has the former one by now, and says so', async () => {
  const { routing } = plannedApplication();
  await world.serving('1.0.0');
  const { listen } = await world.route();
  const moved = { ...routing, listenPort: 9_133 };
  const { ref } = await world.verified('2.0.0', { application: { routing: moved } });
  await shift(ref, 10_000);
  const other = { environment: world.environment, application: 'other', listenPort: listen.port };
  await inTransaction(world.pool, (connection) => insertPlace(connection, other));
  expect(await back(ref)).toMatchObject({
    left: 0,
    summary: expect.stringMatching(
      /^1\.0\.0 serves again after \d+ ms, under the port and rules of 2\.0\.0: /,
    ) as string,
  });
  expect(await world.route()).toMatchObject({ stableArm: 'a', canaryBasisPoints: 0, listen: { port: 9_133 } });
});

it('asks old instances as they want to be asked, also after a promotion', async () => {
  await world.serving('1.0.0');
  const { readiness } = plannedApplication();
  const asked = { ...readiness, path: '/other' } as typeof readiness;
  const { ref } = await world.verified('2.0.0', { application: { readiness: asked } });
  await shift(ref, 10_000);
  await attempt(world.activities.promoteRelease, { ...ref, look: null }).result;
  expect(await world.route()).toMatchObject({ healthCheck: { path: '/other' } });
  expect(await back(ref)).toMatchObject({ left: 0 });
  expect(await world.route()).toMatchObject({ stableArm: 'a', healthCheck: null });
});

describe('the way back when old instances are gone', () => {
  it('starts what is missing, and switches when it is ready', async () => {
    await world.serving('1.0.0');
    const { ref } = await world.verified('2.0.0');
    await shift(ref, 10_000);
    await attempt(world.activities.retireInstances, { ...ref, look: null, keep: 1 }).result;
    const before = starts().length;
    expect(await back(ref)).toMatchObject({ left: 0 });
    expect(starts().slice(before)).toEqual([`createReplica ${nameOf(1, 2)}`, `startReplica ${nameOf(1, 2)}`]);
    expect(await world.route()).toMatchObject({ stableArm: 'a', canaryBasisPoints: 0 });
    expect((await states()).filter(([name]) => name?.includes('shop-1-'))).toEqual([
      [nameOf(1, 1), 'ready'],
      [nameOf(1, 2), 'ready'],
    ]);
  });

  it('makes all of them again, as they were planned, and the new version serves until then', async () => {
    await world.serving('1.0.0');
    const { ref } = await world.serving('2.0.0');
    expect(await world.names()).toEqual([nameOf(2, 1), nameOf(2, 2)]);
    const arms: string[] = [];
    world.at = async (point) => {
      if (point === 'container-started') arms.push((await world.route()).stableArm);
    };
    expect(await back(ref)).toMatchObject({ left: 0, facts: { release: 1 } });
    expect(arms).toEqual(['b', 'b']);
    expect(await world.names()).toEqual([nameOf(1, 1), nameOf(1, 2), nameOf(2, 1), nameOf(2, 2)]);
    expect(await world.route()).toMatchObject({ stableArm: 'a', canaryBasisPoints: 0 });
  });

  it('reaches instances that were started anew under their new address', async () => {
    await world.serving('1.0.0');
    const { ref } = await world.verified('2.0.0');
    await shift(ref, 10_000);
    const { local } = world.engines;
    await local.end(nameOf(1, 1), 1);
    await local.startReplica(nameOf(1, 1));
    await back(ref);
    const [replica] = await world.containers();
    expect((await world.route()).members.find(({ name }) => name === nameOf(1, 1))).toMatchObject(
      replica?.address ?? {},
    );
  });

  it('says how many could not be brought back, and serves with the others', async () => {
    await world.serving('1.0.0');
    const { ref } = await world.verified('2.0.0');
    await shift(ref, 10_000);
    await attempt(world.activities.retireInstances, { ...ref, look: null, keep: 1 }).result;
    world.behaviour.set('1.0.0', { kind: 'ends', code: 1 });
    expect(await back(ref, SHORT_MS)).toMatchObject({
      left: 1,
      summary: expect.stringMatching(/, 1 instance of it could not be started again$/) as string,
    });
    expect(await world.route()).toMatchObject({ stableArm: 'a' });
  });

  it('leaves traffic where it is when none could be brought back', async () => {
    await world.serving('1.0.0');
    const { ref } = await world.serving('2.0.0');
    world.behaviour.set('1.0.0', { kind: 'ends', code: 1 });
    expect(await back(ref, SHORT_MS)).toMatchObject({
      left: 2,
      summary: 'no instance of 1.0.0 could be started again: 2.0.0 serves on',
    });
    expect(await world.route()).toMatchObject({ stableArm: 'b', canaryBasisPoints: 0 });
    expect(await world.row(ref)).toMatchObject({ state: 'stable' });
    const remove = { ...ref, reason: 'a breach', deadlineAt: soon() };
    expect(await attempt(world.activities.removeInstances, remove).result).toMatchObject({
      left: 2,
      summary: '2 instances of 2.0.0 left: nothing else serves',
    });
    expect((await world.route()).members.map(({ name }) => name)).toEqual([nameOf(2, 1), nameOf(2, 2)]);
  });

  it('serves with those that the router reaches, though others of them it does not', async () => {
    await world.serving('1.0.0');
    const { ref } = await world.serving('2.0.0');
    world.router.setUp(nameOf(1, 2), false);
    expect(await back(ref, SHORT_MS)).toMatchObject({ left: 1 });
    const { stableArm, members } = await world.route();
    expect(stableArm).toBe('a');
    expect(members.map(({ name }) => name)).toContain(nameOf(1, 1));
  });

  it('serves with those that are ready, though others of them never are', async () => {
    await world.serving('1.0.0');
    const { ref } = await world.serving('2.0.0');
    world.answers.set('1.0.0', (request, response) => {
      const isFirst = request.headers.host === `127.0.0.1:${firstPort}`;
      response.writeHead(isFirst ? 200 : 503).end();
    });
    let firstPort = 0;
    world.at = async () => {
      const first = (await world.containers()).find(({ name }) => name === nameOf(1, 1));
      firstPort = first?.address?.port ?? 0;
    };
    expect(await back(ref, SHORT_MS)).toMatchObject({ left: 1 });
    const { stableArm, members } = await world.route();
    expect(stableArm).toBe('a');
    expect(members.filter(({ arm }) => arm === 'a').map(({ name }) => name)).toEqual([nameOf(1, 1)]);
  });

  it('waits for an engine that is away', async () => {
    await world.serving('1.0.0');
    const { ref } = await world.serving('2.0.0');
    world.engines.local.setUp(false);
    expect(await codeOf(back(ref))).toBe('ENGINE_UNREACHABLE');
    world.engines.local.setUp(true);
    expect(await back(ref)).toMatchObject({ left: 0 });
  });
});

describe('the way back within one arm', () => {
  const joined = (ref: RunRef) => {
    const wish = { ...ref, look: null, step: 'verify', replicas: REPLICAS, deadlineAt: soon() };
    return attempt(world.activities.verifyInstances, { ...wish, join: 'among' }).result;
  };

  it('drains the new instances at once', async () => {
    await world.serving('1.0.0');
    const { ref } = await world.staged('2.0.0', ROLLING);
    await joined(ref);
    await back(ref);
    expect(await states()).toEqual([
      [nameOf(1, 1), 'ready'],
      [nameOf(1, 2), 'ready'],
      [nameOf(2, 1), 'drain'],
      [nameOf(2, 2), 'drain'],
    ]);
    expect(await world.route()).toMatchObject({ stableArm: 'a', canaryBasisPoints: 0 });
  });

  it('keeps them serving when no old one could be brought back', async () => {
    await world.serving('1.0.0');
    const { ref } = await world.staged('2.0.0', ROLLING);
    await joined(ref);
    await attempt(world.activities.retireInstances, { ...ref, look: null, keep: 0 }).result;
    world.behaviour.set('1.0.0', { kind: 'ends', code: 1 });
    expect(await back(ref, SHORT_MS)).toMatchObject({ left: 2 });
    expect(await states()).toEqual([
      [nameOf(2, 1), 'ready'],
      [nameOf(2, 2), 'ready'],
    ]);
  });
});

describe('a run without a version before', () => {
  it('of a first deployment leaves nobody serving', async () => {
    const { ref } = await world.verified('1.0.0');
    await shift(ref, 10_000);
    expect(await back(ref)).toEqual({ left: 0, summary: 'nothing served before', facts: {} });
    expect(await world.route()).toMatchObject({ canaryBasisPoints: 0, hold: null });
  });

  it('that was never prepared has moved nothing', async () => {
    const ref = await world.run('1.0.0');
    expect(await back(ref)).toEqual({ left: 0, summary: 'no traffic was moved', facts: {} });
  });
});
