import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ReleaseActivities } from '#domain/ports/release.port.ts';
import { changeRoute } from '../../../activities/containers/change-route.ts';
import type { ContainerWork } from '../../../activities/containers/deps.ts';
import { keepRoutes } from '../../../activities/containers/keep-routes.ts';
import {
  openContainerWorld,
  REPLICAS,
  soon,
  type ContainerWorld,
  type Prepared,
} from '../../support/containers/container-world.ts';
import { attempt, codeOf } from '../../support/fleet/fleet-world.ts';

let world: ContainerWorld;
beforeAll(async () => {
  world = await openContainerWorld();
});
afterAll(() => world.close());
beforeEach(() => world.next());

const LATE = { reason: 'late', deadlineAt: soon(60_000) };

/** What an older run may still ask for when a later one has its place. */
const ASKED: readonly (readonly [keyof ReleaseActivities, object])[] = [
  ['prepareRelease', {}],
  ['stageInstances', { step: 'stage', replicas: REPLICAS }],
  ['verifyInstances', { look: null, step: 'verify', replicas: REPLICAS, join: 'beside', deadlineAt: LATE.deadlineAt }],
  ['shiftTraffic', { look: null, weightBasisPoints: 10_000, deadlineAt: LATE.deadlineAt }],
  ['retireInstances', { look: null, keep: 0 }],
  ['holdRequests', { until: LATE.deadlineAt }],
  ['releaseRequests', {}],
  ['promoteRelease', { look: null }],
  ['returnTraffic', LATE],
  ['removeInstances', LATE],
];

describe('an older run', () => {
  let older: Prepared;
  beforeEach(async () => {
    await world.serving('1.0.0');
    older = await world.verified('2.0.0');
    await world.prepared('3.0.0');
  });

  it.each(ASKED)('is refused by %s, and nothing changes', async (name, input) => {
    const before = await standing();
    const activity = world.activities[name] as (input: object) => Promise<unknown>;
    expect(await codeOf(attempt(activity, { ...older.ref, ...input }).result)).toBe('RELEASE_FENCED');
    expect(await standing()).toEqual(before);
  });
});

async function standing() {
  const { rows: releases } = await world.pool.query('select * from releases where environment = $1 order by release', [
    world.environment,
  ]);
  return {
    place: await world.place(),
    releases,
    containers: await world.containers(),
    told: world.router.applied.length,
  };
}

describe('a change of a route', () => {
  const owner = (generation: number) => ({ environment: world.environment, application: 'shop', generation });
  const work = (): ContainerWork => ({
    ...world.deps,
    pulse: { note: () => undefined },
    signal: new AbortController().signal,
  });

  it('is applied by the repeat after a death between wanting and doing', async () => {
    const { generation } = await world.serving('1.0.0');
    const told = world.router.applied.length;
    world.dieAt('route-written');
    const change = () => changeRoute(work(), owner(generation), (route) => ({ ...route, canaryBasisPoints: 700 }));
    await expect(change()).rejects.toThrow('died at route-written');
    expect(world.router.applied).toHaveLength(told);
    expect(await change()).toMatchObject({ canaryBasisPoints: 700 });
    expect(world.router.applied).toHaveLength(told + 1);
    expect(world.router.applied.at(-1)).toMatchObject({ canaryBasisPoints: 700 });
  });

  it('is made up for by the keeper of routes when nobody repeats it', async () => {
    await world.pool.query('delete from application_places');
    const { generation } = await world.serving('1.0.0');
    world.dieAt('route-written');
    const change = changeRoute(work(), owner(generation + 1), (route) => ({
      ...route,
      generation: generation + 1,
      canaryBasisPoints: 700,
    }));
    await expect(change).rejects.toThrow('died at route-written');
    expect(await keepRoutes(world.deps)).toBe(true);
    const { key } = await world.route();
    expect(await world.router.observe(key)).toMatchObject({ canaryBasisPoints: 700 });
    expect(await keepRoutes(world.deps)).toBe(false);
  });

  it('is not undone by one that waited for its turn', async () => {
    const { generation } = await world.serving('1.0.0');
    const add = (points: number) =>
      changeRoute(work(), owner(generation), (route) => ({
        ...route,
        canaryBasisPoints: route.canaryBasisPoints + points,
      }));
    await Promise.all([add(100), add(200), add(400)]);
    expect(await world.route()).toMatchObject({ canaryBasisPoints: 700 });
    expect(world.router.applied.at(-1)).toEqual(await world.route());
  });

  it('of an application that nobody has deployed is refused', async () => {
    await expect(changeRoute(work(), owner(1), (route) => route)).rejects.toMatchObject({ code: 'RELEASE_FENCED' });
  });
});

describe('the keeper of routes', () => {
  beforeEach(() => world.pool.query('delete from application_places'));

  it('brings a router back to what is wanted when it was restarted, and leaves one that does it alone', async () => {
    await world.serving('1.0.0');
    const { key } = await world.route();
    expect(await keepRoutes(world.deps)).toBe(false);
    world.router.meddle(key, (route) => ({ ...route, members: [] }));
    expect(await keepRoutes(world.deps)).toBe(true);
    expect((await world.router.observe(key)).members).toHaveLength(2);
    world.router.stop();
    await expect(keepRoutes(world.deps)).rejects.toMatchObject({ code: 'ROUTER_UNREACHABLE' });
    world.router.start();
    expect((await world.router.observe(key)).members).toHaveLength(2);
  });

  it('brings the others to theirs when one cannot be made', async () => {
    const first = await world.serving('1.0.0');
    const { router, engines } = world;
    const { key } = await world.route();
    world.next();
    Object.assign(world, { router, engines });
    const ref = await world.run('1.0.0');
    for (let port = first.address.port; port < first.address.port + 50; port += 1) router.takenPorts.add(port);
    expect(await codeOf(attempt(world.activities.prepareRelease, ref).result)).toBe('PORT_TAKEN');
    router.meddle(key, (route) => ({ ...route, members: [] }));
    await expect(keepRoutes(world.deps)).rejects.toMatchObject({ code: 'PORT_TAKEN' });
    expect((await router.observe(key)).members).toHaveLength(2);
  });

  it('leaves a route alone that a run is changing', async () => {
    await world.serving('1.0.0');
    const { key } = await world.route();
    const looked: boolean[] = [];
    const { generation } = await world.place();
    const { apply } = world.router;
    world.router.apply = async (route) => {
      world.router.meddle(key, (one) => ({ ...one, members: [] }));
      looked.push(await keepRoutes(world.deps));
      await apply.call(world.router, route);
    };
    const owner = { environment: world.environment, application: 'shop', generation };
    await changeRoute(
      { ...world.deps, pulse: { note: () => undefined }, signal: new AbortController().signal },
      owner,
      (route) => route,
    );
    expect(looked).toEqual([false]);
    expect((await world.router.observe(key)).members).toHaveLength(2);
  });
});
