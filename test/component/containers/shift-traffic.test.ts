import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import { shiftedAt } from '../../../activities/adapters/postgres/release-rows.ts';
import { containerPlanOf } from '../../support/containers/container-plan.ts';
import { openContainerWorld, soon, type ContainerWorld } from '../../support/containers/container-world.ts';
import { eventually } from '../../support/eventually.ts';
import { attempt } from '../../support/fleet/fleet-world.ts';

let world: ContainerWorld;
beforeAll(async () => {
  world = await openContainerWorld();
});
afterAll(() => world.close());
beforeEach(() => world.next());

const SHORT_MS = 300;
const nameOf = (release: number, replica: number) => `shop-${release}-${replica}`;
const shift = (ref: RunRef, weightBasisPoints: number, withinMs?: number) =>
  attempt(world.activities.shiftTraffic, { ...ref, look: null, weightBasisPoints, deadlineAt: soon(withinMs) }).result;
const split = async () => {
  const { stableArm, canaryBasisPoints } = await world.route();
  return [stableArm, canaryBasisPoints];
};

describe('the share of a new version', () => {
  it('grows step by step until it is the one in use', async () => {
    await world.serving('1.0.0');
    const { ref } = await world.verified('2.0.0');
    expect(await split()).toEqual(['a', 0]);
    expect(await shift(ref, 500)).toMatchObject({
      kind: 'done',
      summary: '2.0.0 gets 5 % of the traffic',
      facts: { weightBasisPoints: 500 },
    });
    expect(await split()).toEqual(['a', 500]);
    await shift(ref, 10_000);
    expect(await split()).toEqual(['b', 0]);
    expect(world.router.applied.at(-1)).toEqual(await world.route());
  });

  it('never goes back, whichever step is repeated late', async () => {
    await world.serving('1.0.0');
    const { ref } = await world.verified('2.0.0');
    await shift(ref, 2_500);
    expect(await shift(ref, 500)).toMatchObject({ kind: 'done', facts: { weightBasisPoints: 2_500 } });
    await shift(ref, 10_000);
    expect(await shift(ref, 2_500)).toMatchObject({ kind: 'done', facts: { weightBasisPoints: 10_000 } });
    expect(await split()).toEqual(['b', 0]);
  });

  it('is the same after a repeated step, and is looked at by the judge from its change on', async () => {
    await world.serving('1.0.0');
    const { ref } = await world.verified('2.0.0');
    expect(await shiftedAt(world.pool, ref.run)).toBeNull();
    await shift(ref, 500);
    const route = await world.route();
    const at = await shiftedAt(world.pool, ref.run);
    expect(at).not.toBeNull();
    await shift(ref, 500);
    expect(await world.route()).toEqual(route);
    expect(await shiftedAt(world.pool, ref.run)).toBe(at);
  });

  it.each(['route-written', 'route-applied'] as const)('arrives after a death at %s', async (point) => {
    await world.serving('1.0.0');
    const { ref } = await world.verified('2.0.0');
    world.dieAt(point);
    await expect(shift(ref, 2_500)).rejects.toThrow(`died at ${point}`);
    expect(await shift(ref, 2_500)).toMatchObject({ kind: 'done' });
    expect(world.router.applied.at(-1)).toMatchObject({ stableArm: 'a', canaryBasisPoints: 2_500 });
    expect(await shiftedAt(world.pool, ref.run)).not.toBeNull();
  });
});

describe('traffic', () => {
  it('waits until the router has found the new members up', async () => {
    await world.serving('1.0.0');
    const { ref } = await world.verified('2.0.0');
    world.router.setUp(nameOf(2, 1), false);
    const { observe } = world.router;
    const looked = Promise.withResolvers<void>();
    world.router.observe = (key) => {
      looked.resolve();
      return observe.call(world.router, key);
    };
    const moving = shift(ref, 10_000);
    await looked.promise;
    expect(await split()).toEqual(['a', 0]);
    world.router.setUp(nameOf(2, 1), true);
    expect(await moving).toMatchObject({ kind: 'done' });
    await eventually(async () => expect(await split()).toEqual(['b', 0]));
  });

  it('is not moved to members that stay down, and they are named', async () => {
    await world.serving('1.0.0');
    const { ref } = await world.verified('2.0.0');
    world.router.setUp(nameOf(2, 1), false);
    expect(await shift(ref, 500, SHORT_MS)).toMatchObject({
      kind: 'unhealthy',
      summary: `no traffic to 2.0.0: ${nameOf(2, 1)} is not up in the router`,
    });
    expect(await split()).toEqual(['a', 0]);
    expect(await shiftedAt(world.pool, ref.run)).toBeNull();
  });

  it('is not moved to a version without instances', async () => {
    await world.serving('1.0.0');
    const { ref } = await world.staged('2.0.0');
    expect(await shift(ref, 500, SHORT_MS)).toMatchObject({
      kind: 'unhealthy',
      summary: 'no traffic to 2.0.0: no instance of it is up in the router',
    });
  });
});

describe('a version in use that is down before the switch', () => {
  const { rules } = containerPlanOf();
  const plan = (badStable: 'stop' | 'go-on') => ({ plan: { rules: { ...rules, badStable } } });

  it('stops a run that is told to stop by it, before any traffic moves', async () => {
    await world.serving('1.0.0');
    const { ref } = await world.verified('2.0.0', plan('stop'));
    world.router.setUp(nameOf(1, 2), false);
    expect(await shift(ref, 500)).toEqual({
      kind: 'unhealthy',
      summary: `no traffic to 2.0.0: ${nameOf(1, 2)} of 1.0.0, the version in use, is down (on_bad_stable: stop)`,
      evidence: expect.stringMatching(/^evd_/) as string,
    });
    expect(await split()).toEqual(['a', 0]);
  });

  it('is replaced by a run that is told to go on', async () => {
    await world.serving('1.0.0');
    const { ref } = await world.verified('2.0.0', plan('go-on'));
    world.router.setUp(nameOf(1, 1), false);
    world.router.setUp(nameOf(1, 2), false);
    expect(await shift(ref, 10_000)).toMatchObject({ kind: 'done' });
    expect(await split()).toEqual(['b', 0]);
  });

  it('stops nothing once traffic has moved, nor while it is up, nor where nothing was', async () => {
    const first = await world.verified('1.0.0', plan('stop'));
    expect(await shift(first.ref, 10_000)).toMatchObject({ kind: 'done' });
    await attempt(world.activities.promoteRelease, { ...first.ref, look: null }).result;
    const { ref } = await world.verified('2.0.0', plan('stop'));
    expect(await shift(ref, 500)).toMatchObject({ kind: 'done' });
    world.router.setUp(nameOf(1, 1), false);
    expect(await shift(ref, 10_000)).toMatchObject({ kind: 'done' });
  });

  it('is seen before the first instance joins those in use, and not after', async () => {
    await world.serving('1.0.0');
    const strategy = { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 } as const;
    const { ref } = await world.staged('2.0.0', { plan: { ...plan('stop').plan, strategy } });
    const join = (replica: number) => {
      const wish = {
        ...ref,
        look: null,
        step: 'verify',
        replicas: [replica],
        join: 'among',
        deadlineAt: soon(),
      } as const;
      return attempt(world.activities.verifyInstances, wish).result;
    };
    world.router.setUp(nameOf(1, 1), false);
    const summary = expect.stringContaining(`${nameOf(1, 1)} of 1.0.0, the version in use, is down`) as string;
    expect(await join(1)).toMatchObject({ kind: 'unhealthy', summary });
    expect((await world.route()).members).toHaveLength(2);
    world.router.setUp(nameOf(1, 1), true);
    expect(await join(1)).toMatchObject({ kind: 'done' });
    world.router.setUp(nameOf(1, 1), false);
    expect(await join(2)).toMatchObject({ kind: 'done' });
  });
});
