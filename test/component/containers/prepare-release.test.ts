import { createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newReplica } from '../../support/containers/replicas.ts';
import { openContainerWorld, type ContainerWorld, type PlanChanges } from '../../support/containers/container-world.ts';
import { plannedApplication } from '../../support/containers/container-plan.ts';
import { attempt, codeOf } from '../../support/fleet/fleet-world.ts';

let world: ContainerWorld;
beforeAll(async () => {
  world = await openContainerWorld();
});
afterAll(() => world.close());
beforeEach(() => world.next());

const { routing, container } = plannedApplication();
const listeningOn = (listenPort: number): PlanChanges => ({ application: { routing: { ...routing, listenPort } } });

describe('a run’s release', () => {
  it('is given once: repeated calls find it', async () => {
    const { ref, ...first } = await world.prepared('1.0.0');
    expect(first).toMatchObject({ release: 1, generation: 1, arm: 'a', before: null });
    expect(await attempt(world.activities.prepareRelease, ref).result).toEqual(first);
    expect(await world.place()).toMatchObject({ lastRelease: 1, generation: 1 });
  });

  it('is one, though two attempts ask at the same moment', async () => {
    const ref = await world.run('1.0.0');
    const both = await Promise.all([1, 2].map(() => attempt(world.activities.prepareRelease, ref).result));
    expect(both[0]).toEqual(both[1]);
    expect(await world.place()).toMatchObject({ lastRelease: 1 });
  });

  it('is found again by the attempt after one that died with it written', async () => {
    const ref = await world.run('1.0.0');
    world.dieAt('release-written');
    await expect(attempt(world.activities.prepareRelease, ref).result).rejects.toThrow(/died/);
    expect(world.router.applied).toHaveLength(0);
    expect(await attempt(world.activities.prepareRelease, ref).result).toMatchObject({ release: 1 });
    expect(world.router.applied).toHaveLength(1);
  });

  it('has a number and a generation above all before it, withdrawn ones included', async () => {
    const first = await world.serving('1.0.0');
    const withdrawn = await world.staged('1.1.0');
    await attempt(world.activities.removeInstances, { ...withdrawn.ref, reason: 'no good', deadlineAt: '' }).result;
    const third = await world.prepared('1.2.0');
    expect([first, withdrawn, third].map(({ release }) => release)).toEqual([1, 2, 3]);
    expect([first, withdrawn, third].map(({ generation }) => generation)).toEqual([1, 2, 3]);
    expect(third.before).toEqual({ release: 1, version: '1.0.0', arm: 'a', replicas: 2 });
  });

  it('has a number that no container bears, of a database that knows nothing of them', async () => {
    const labels = { environment: world.environment, release: 41, generation: 9 };
    await world.engines.local.createReplica(newReplica({ spec: { image: container.image }, labels }));
    expect(await world.prepared('1.0.0')).toMatchObject({ release: 42 });
  });

  it('comes into the arm that does not serve; of instances that replace each other into the same', async () => {
    expect(await world.serving('1.0.0')).toMatchObject({ arm: 'a' });
    expect(await world.serving('2.0.0')).toMatchObject({ arm: 'b' });
    const rolling = { strategy: { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 } } as const;
    expect(await world.prepared('3.0.0', { plan: rolling })).toMatchObject({ arm: 'b' });
  });

  it('is refused to a plan that was made when nothing served', async () => {
    const late = await world.run('1.0.1');
    await world.serving('1.0.0');
    expect(await codeOf(attempt(world.activities.prepareRelease, late).result)).toBe('RELEASE_OUTDATED');
    expect(await world.place()).toMatchObject({ lastRelease: 1 });
  });

  it('is asked for by each step: without it there is nothing to work on', async () => {
    const ref = await world.run('1.0.0');
    const { activities } = world;
    const early = attempt(activities.stageInstances, { ...ref, step: 'stage', replicas: [1] }).result;
    expect(await codeOf(early)).toBe('RELEASE_OUTDATED');
    expect(await world.names()).toEqual([]);
  });
});

describe('the port of an application', () => {
  it('stays over its releases', async () => {
    const { address } = await world.serving('1.0.0');
    expect(address.host).toBe('127.0.0.1');
    expect((await world.prepared('1.1.0')).address).toEqual(address);
  });

  it('is the one that it wishes, also from a later release on', async () => {
    expect((await world.serving('1.0.0', listeningOn(18_101))).address.port).toBe(18_101);
    expect((await world.serving('1.1.0', listeningOn(18_102))).address.port).toBe(18_102);
    expect(await world.place()).toMatchObject({ listenPort: 18_102, route: { listen: { port: 18_102 } } });
  });

  it('is another one in each environment', async () => {
    const first = await world.prepared('1.0.0');
    world.next();
    expect((await world.prepared('1.0.0')).address.port).not.toBe(first.address.port);
  });

  it('is not one on which another program listens', async () => {
    const { address } = await world.prepared('1.0.0');
    world.next();
    const program = createServer();
    await new Promise<void>((resolve, reject) => {
      program.once('error', reject);
      program.listen(address.port + 1, '127.0.0.1', resolve);
    });
    expect((await world.prepared('1.0.0')).address.port).toBeGreaterThan(address.port + 1);
    await new Promise((resolve) => program.close(resolve));
  });

  it('is refused when another application has the one that is wished', async () => {
    await world.prepared('1.0.0', listeningOn(18_103));
    const { router } = world;
    world.next();
    const ref = await world.run('1.0.0', listeningOn(18_103));
    expect(await codeOf(attempt(world.activities.prepareRelease, ref).result)).toBe('PORT_TAKEN');
    const free = await world.serving('1.0.0', listeningOn(18_104));
    const later = await world.run('1.1.0', listeningOn(18_103));
    expect(await codeOf(attempt(world.activities.prepareRelease, later).result)).toBe('PORT_TAKEN');
    expect(await world.place()).toMatchObject({ listenPort: 18_104, lastRelease: free.release });
    expect(router.applied).toHaveLength(1);
  });

  it('is refused when another program has the one that is wished, and may be another next time', async () => {
    world.router.takenPorts.add(18_105);
    const ref = await world.run('1.0.0', listeningOn(18_105));
    expect(await codeOf(attempt(world.activities.prepareRelease, ref).result)).toBe('PORT_TAKEN');
    expect((await world.prepared('1.0.0', listeningOn(18_106))).address.port).toBe(18_106);
  });

  it('is refused when all are taken', async () => {
    await world.pool.query(`insert into application_places (environment, application, listen_port)
      select 'full', 'app' || port, port from generate_series(8100, 8999) as port on conflict do nothing`);
    const ref = await world.run('1.0.0');
    expect(await codeOf(attempt(world.activities.prepareRelease, ref).result)).toBe('NO_FREE_PORT');
    await world.pool.query(`delete from application_places where environment = 'full'`);
  });
});

describe('the route of a first release', () => {
  it('is there without members, and with what the application asks of it', async () => {
    const { address } = await world.prepared('1.0.0');
    const route = await world.route();
    expect(route).toMatchObject({ members: [], stableArm: 'a', canaryBasisPoints: 0, listen: address, hold: null });
    expect(route).toMatchObject({
      healthCheck: { path: '/health', expectedStatus: 200 },
      rules: routing.rules,
      generation: 1,
    });
    expect(world.router.applied.at(-1)).toEqual(route);
  });

  it('keeps the members of the version in use for the next one', async () => {
    await world.serving('1.0.0');
    const before = await world.route();
    await world.prepared('1.1.0');
    expect(await world.route()).toEqual({ ...before, generation: 2, cohortSeed: 2 });
  });
});
