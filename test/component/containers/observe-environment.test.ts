import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RegistryCredentials } from '#domain/containers/container-spec.ts';
import { createContainerOperations } from '../../../activities/containers/operations.activities.ts';
import { releaseOfRun } from '../../../activities/adapters/postgres/release-rows.ts';
import { containerPlanOf } from '../../support/containers/container-plan.ts';
import {
  engineAt,
  openContainerWorld,
  REPLICAS,
  soon,
  type ContainerWorld,
} from '../../support/containers/container-world.ts';
import { attempt, codeOf } from '../../support/fleet/fleet-world.ts';

let world: ContainerWorld;
beforeAll(async () => {
  world = await openContainerWorld();
});
afterAll(() => world.close());
beforeEach(() => world.next());

const ENGINES = [engineAt('local'), engineAt('second')];
const nameOf = (release: number, replica: number) => `shop-${release}-${replica}`;
const operations = () => createContainerOperations({ ...world.deps });
const observe = (rebuild = false) =>
  attempt(operations().observeEnvironment, { environment: world.environment, engines: ENGINES, rebuild }).result;

describe('what really runs', () => {
  it('is each instance beside what the router does with it', async () => {
    const { address } = await world.serving('1.0.0');
    const { ref } = await world.verified('2.0.0');
    await world.staged('3.0.0');
    await attempt(world.activities.shiftTraffic, {
      ...ref,
      look: null,
      weightBasisPoints: 500,
      deadlineAt: soon(),
    }).result.catch(() => undefined);
    world.router.setInFlight(nameOf(1, 1), 3);
    const { applications, engines, router, rebuilt } = await observe();
    expect([engines.map(({ answer }) => answer.kind), router.kind, rebuilt]).toEqual([['facts', 'facts'], 'facts', []]);
    expect(applications).toMatchObject([{ application: 'shop', address, stableArm: 'a', canaryBasisPoints: 0 }]);
    expect(applications[0]?.instances.map(({ name, arm, routed }) => [name, arm, routed?.inFlight ?? null])).toEqual([
      [nameOf(1, 1), 'a', 3],
      [nameOf(1, 2), 'a', 0],
      [nameOf(2, 1), null, null],
      [nameOf(2, 2), null, null],
      [nameOf(3, 1), null, null],
      [nameOf(3, 2), null, null],
    ]);
  });

  it('is told as far as it can be seen: what does not answer is named with the reason', async () => {
    await world.serving('1.0.0');
    world.engines.second.setUp(false);
    world.router.stop();
    const { applications, engines, router } = await observe(true);
    expect(engines[1]).toMatchObject({
      name: 'second',
      answer: { kind: 'silent', why: expect.stringContaining('told to be down') as string },
    });
    expect(router).toMatchObject({ kind: 'silent', why: expect.stringContaining('was stopped') as string });
    expect(applications[0]?.instances).toMatchObject([{ routed: null }, { routed: null }]);
  });

  it('is nothing where nothing was deployed', async () => {
    expect(await observe(true)).toMatchObject({ applications: [], rebuilt: [] });
  });
});

describe('what the database lost', () => {
  const lose = async (...tables: ('application_places' | 'releases' | 'plans')[]) => {
    for (const table of tables) {
      await world.pool.query(`delete from ${table} where environment = $1`, [world.environment]);
    }
  };

  it('comes back: the place, its route and the release in use', async () => {
    await world.serving('1.0.0');
    const { ref } = await world.serving('2.0.0');
    const [place, row] = [await world.place(), await world.row(ref)];
    await lose('application_places', 'releases');
    const { rebuilt, applications } = await observe(true);
    const key = `${world.environment}.shop`;
    expect(rebuilt).toEqual([
      `${key}: port ${place.listenPort}, 2 members of its route, last release 2, generation 2`,
      `${key}: release 2 (2.0.0) is in use again`,
    ]);
    expect(applications[0]).toMatchObject({ address: { port: place.listenPort }, stableArm: 'b' });
    expect(await world.place()).toEqual(place);
    expect(await world.row(ref)).toEqual({ ...row, before: null });
    expect((await observe(true)).rebuilt).toEqual([]);
  });

  it('is enough for the next deployment, which replaces what serves without a gap', async () => {
    await world.serving('1.0.0');
    await lose('application_places', 'releases');
    await observe(true);
    const told = world.router.applied.length;
    const next = await world.serving('2.0.0');
    expect(next).toMatchObject({ release: 2, generation: 2, arm: 'b', before: { release: 1, version: '1.0.0' } });
    expect(await world.names()).toEqual([nameOf(2, 1), nameOf(2, 2)]);
    expect(world.router.applied.slice(told).every(isServed)).toBe(true);
  });

  it('is enough for a run that was under way, which goes on and may go back', async () => {
    const first = await world.serving('1.0.0');
    const { ref } = await world.verified('2.0.0');
    await attempt(world.activities.shiftTraffic, { ...ref, look: null, weightBasisPoints: 500, deadlineAt: soon() })
      .result;
    await lose('application_places', 'releases');
    expect((await observe(true)).rebuilt).toMatchObject([
      expect.stringContaining('4 members'),
      expect.stringContaining('release 1 (1.0.0) is in use again'),
      expect.stringContaining('release 2 (2.0.0) is there again, not in use'),
    ]);
    expect(await world.row(ref)).toMatchObject({ state: 'staging', before: 1, arm: 'b' });
    expect(await world.row(first.ref)).toMatchObject({ state: 'stable' });
    const back = { ...ref, reason: 'a breach', deadlineAt: soon() };
    expect(await attempt(world.activities.returnTraffic, back).result).toMatchObject({ left: 0 });
    expect(await world.route()).toMatchObject({ stableArm: 'a', canaryBasisPoints: 0 });
  });

  it('is named where it cannot come back: without its plan a release is only served, until the next one', async () => {
    const { ref } = await world.serving('1.0.0');
    await lose('application_places', 'releases', 'plans');
    const { rebuilt } = await observe(true);
    expect(rebuilt[1]).toBe(
      `${world.environment}.shop: release 1 (1.0.0) runs, but its plan is lost too: it serves until the next deployment, and nothing can go back to it`,
    );
    expect(await releaseOfRun(world.pool, ref.run)).toBeNull();
    const told = world.router.applied.length;
    const next = await world.verified('2.0.0');
    expect(next).toMatchObject({ release: 2, generation: 2, arm: 'b', before: null });
    expect(world.router.applied.slice(told).every(isServed)).toBe(true);
    const shift = { ...next.ref, look: null, weightBasisPoints: 10_000, deadlineAt: soon() };
    expect(await attempt(world.activities.shiftTraffic, shift).result).toMatchObject({ kind: 'done' });
    expect(await world.route()).toMatchObject({ stableArm: 'b' });
    const back = { ...next.ref, reason: 'a breach', deadlineAt: soon() };
    await attempt(world.activities.returnTraffic, back).result;
    expect(await world.route()).toMatchObject({ stableArm: 'a', canaryBasisPoints: 0 });
  });

  it('is a port only where the router has one', async () => {
    await world.serving('1.0.0');
    await lose('application_places', 'releases');
    await world.router.remove(`${world.environment}.shop`, 1);
    expect((await observe(true)).rebuilt).toEqual([
      `${world.environment}.shop: 2 containers, but the router has no route and no port is known: deploy it to give it one`,
    ]);
  });

  it('is not taken from another application that has the port by now', async () => {
    await world.serving('1.0.0');
    const { listenPort } = await world.place();
    await lose('application_places', 'releases');
    await world.pool.query(
      'insert into application_places (environment, application, listen_port) values ($1, $2, $3)',
      [world.environment, 'other', listenPort],
    );
    expect((await observe(true)).rebuilt).toEqual([
      `${world.environment}.shop: its port ${listenPort} is another application’s by now: deploy it to give it one`,
    ]);
  });

  it('is left as it is when nobody asked to write it again', async () => {
    await world.serving('1.0.0');
    await lose('application_places', 'releases');
    expect(await observe(false)).toMatchObject({ rebuilt: [], applications: [{ address: null }] });
    await expect(world.place()).rejects.toThrow('has no place');
  });
});

/** Somebody answers: the arm in use has a member that is ready. */
const isServed = ({ members, stableArm }: Awaited<ReturnType<ContainerWorld['route']>>): boolean =>
  members.some(({ arm, state }) => arm === stableArm && state === 'ready');

describe('lines of instances', () => {
  it('are the last ones, of all or of one', async () => {
    await world.staged('1.0.0');
    for (const replica of REPLICAS) {
      for (const line of ['one', 'two', 'three']) world.engines.local.write(nameOf(1, replica), line);
    }
    const read = (instance: string | null) =>
      attempt(operations().readLogs, {
        environment: world.environment,
        engines: ENGINES,
        application: 'shop',
        instance,
        lines: 2,
      }).result;
    expect(await read(null)).toEqual([
      { instance: nameOf(1, 1), lines: ['two', 'three'] },
      { instance: nameOf(1, 2), lines: ['two', 'three'] },
    ]);
    expect(await read(nameOf(1, 2))).toHaveLength(1);
    expect(await read('nobody')).toEqual([]);
  });
});

describe('a tag', () => {
  const resolve = (reference: string, credentials: RegistryCredentials | null = null) =>
    attempt(operations().resolveImage, { reference, credentials, engines: ENGINES }).result;

  it('means what the first engine finds', async () => {
    const { digest, image } = containerPlanOf().application.image;
    expect(await resolve('registry.example/shop:2.0.0')).toMatchObject({ pin: 'registry-digest', digest, image });
    expect(world.engines.second.calls).toEqual([]);
  });

  it('that is unknown, or whose password is, is refused by name', async () => {
    expect(await codeOf(resolve('registry.example/shop:9'))).toBe('IMAGE_NOT_FOUND');
    const credentials = { username: 'ada', password: { secretRef: 'file:nowhere' } };
    expect(await codeOf(resolve('registry.example/shop:2.0.0', credentials))).toBe('SECRET_UNRESOLVED');
  });
});
