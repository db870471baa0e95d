import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import type { ReleasePoint } from '../../../activities/containers/deps.ts';
import {
  openContainerWorld,
  REPLICAS,
  soon,
  type ContainerWorld,
  type PlanChanges,
} from '../../support/containers/container-world.ts';
import { eventually } from '../../support/eventually.ts';
import { attempt } from '../../support/fleet/fleet-world.ts';

let world: ContainerWorld;
beforeAll(async () => {
  world = await openContainerWorld();
});
afterAll(() => world.close());
beforeEach(() => world.next());

const SHORT_DRAIN_MS = 100;
const nameOf = (release: number, replica: number) => `shop-${release}-${replica}`;
const retire = (ref: RunRef, keep = 0) =>
  attempt(world.activities.retireInstances, { ...ref, look: null, keep }).result;
const stateOf = async (name: string) => (await world.route()).members.find((one) => one.name === name)?.state;

/** 1.0.0 served, 2.0.0 has all the traffic. */
async function switched(changes: PlanChanges = {}): Promise<RunRef> {
  await world.serving('1.0.0', changes);
  const { ref } = await world.verified('2.0.0');
  await attempt(world.activities.shiftTraffic, { ...ref, look: null, weightBasisPoints: 10_000, deadlineAt: soon() })
    .result;
  return ref;
}

describe('instances of the version before', () => {
  it('are removed once they have nothing under way', async () => {
    const ref = await switched();
    expect(await retire(ref)).toMatchObject({
      kind: 'done',
      summary: '2 instances of 1.0.0 removed',
      facts: { removed: [nameOf(1, 1), nameOf(1, 2)], cut: 0 },
    });
    expect(await world.names()).toEqual([nameOf(2, 1), nameOf(2, 2)]);
    expect((await world.route()).members.map(({ name }) => name)).toEqual([nameOf(2, 1), nameOf(2, 2)]);
    expect(world.router.cuts).toEqual([]);
  });

  it('finish their requests first', async () => {
    const ref = await switched({ application: { drainMs: 60_000 } });
    world.router.setInFlight(nameOf(1, 1), 2);
    const retiring = retire(ref);
    await eventually(async () => expect(await stateOf(nameOf(1, 1))).toBe('drain'));
    expect(world.engines.local.calls.filter((call) => call.startsWith('stopReplica'))).toEqual([]);
    world.router.setInFlight(nameOf(1, 1), 0);
    expect(await retiring).toMatchObject({ kind: 'done', facts: { cut: 0 } });
    expect(world.router.cuts).toEqual([]);
  });

  it('are cut when the time for that is over, and it is said how many', async () => {
    const ref = await switched({ application: { drainMs: SHORT_DRAIN_MS } });
    world.router.setInFlight(nameOf(1, 1), 2);
    world.router.setInFlight(nameOf(1, 2), 1);
    expect(await retire(ref)).toMatchObject({
      kind: 'done',
      summary: '2 instances of 1.0.0 removed, 3 requests cut after 0.1 s',
      facts: { cut: 3 },
    });
    expect(world.router.cuts.map(({ names }) => names)).toEqual([[nameOf(1, 1), nameOf(1, 2)]]);
  });

  it('are forgotten by the router before they stop', async () => {
    const ref = await switched();
    const seen: string[] = [];
    const { apply } = world.router;
    world.router.apply = async (route) => {
      seen.push(`route ${route.members.find(({ name }) => name === nameOf(1, 1))?.state ?? 'without it'}`);
      await apply.call(world.router, route);
    };
    world.at = async (point) => {
      if (point === 'container-stopped' || point === 'container-removed') seen.push(point);
    };
    await retire(ref);
    expect(seen).toEqual([
      'route drain',
      'route without it',
      'container-stopped',
      'container-stopped',
      'container-removed',
      'container-removed',
    ]);
  });

  it('stay as many as are to be kept, the lowest replicas', async () => {
    const ref = await switched();
    expect(await retire(ref, 1)).toMatchObject({ facts: { removed: [nameOf(1, 2)] } });
    expect(await retire(ref, 1)).toMatchObject({ kind: 'done', facts: { removed: [] } });
    expect(await world.names()).toEqual([nameOf(1, 1), nameOf(2, 1), nameOf(2, 2)]);
    await retire(ref, 0);
    expect(await world.names()).toEqual([nameOf(2, 1), nameOf(2, 2)]);
  });

  it.each<ReleasePoint>(['route-applied', 'instances-drained', 'container-stopped', 'container-removed'])(
    'are gone after a death at %s and another attempt',
    async (point) => {
      const ref = await switched();
      world.dieAt(point);
      await expect(retire(ref)).rejects.toThrow(`died at ${point}`);
      expect(await retire(ref)).toMatchObject({ kind: 'done' });
      expect(await world.names()).toEqual([nameOf(2, 1), nameOf(2, 2)]);
      expect((await world.route()).members.map(({ name }) => name)).toEqual([nameOf(2, 1), nameOf(2, 2)]);
    },
  );

  it('are none at a first deployment', async () => {
    const { ref } = await world.verified('1.0.0');
    expect(await retire(ref)).toEqual({ kind: 'done', summary: 'nothing served before', facts: {} });
    expect(await world.names()).toHaveLength(2);
  });
});

describe('what a run created', () => {
  const remove = (ref: RunRef) =>
    attempt(world.activities.removeInstances, { ...ref, reason: 'no good', deadlineAt: soon() }).result;

  it('is taken away, drained like all others, and its release withdrawn', async () => {
    await world.serving('1.0.0');
    const { ref } = await world.verified('2.0.0');
    world.router.setInFlight(nameOf(2, 1), 1);
    const removing = remove(ref);
    await eventually(async () => expect(await stateOf(nameOf(2, 1))).toBe('drain'));
    world.router.setInFlight(nameOf(2, 1), 0);
    expect(await removing).toMatchObject({ left: 0, summary: '2 instances of 2.0.0 removed' });
    expect(await world.names()).toEqual([nameOf(1, 1), nameOf(1, 2)]);
    expect(await world.row(ref)).toMatchObject({ state: 'withdrawn' });
  });

  it('is taken away before the old version comes where both must not run at the same time', async () => {
    await world.serving('1.0.0');
    const { ref } = await world.serving('2.0.0', { plan: { strategy: { kind: 'recreate' } } });
    expect(await remove(ref)).toMatchObject({ left: 0, summary: '2 instances of 2.0.0 removed' });
    expect(await world.names()).toEqual([]);
  });

  it('is nothing where the run never prepared anything, and no longer there when that is repeated', async () => {
    expect(await remove(await world.run('1.0.0'))).toEqual({ left: 0, summary: 'nothing was created', facts: {} });
    const { ref } = await world.staged('1.0.0');
    await remove(ref);
    expect(await remove(ref)).toMatchObject({ left: 0, facts: { removed: [] } });
    expect(await world.names()).toEqual([]);
  });

  it('is taken away too where only containers were created, or they have ended', async () => {
    world.behaviour.set('1.0.0', { kind: 'ends', code: 1 });
    const { ref } = await world.prepared('1.0.0');
    world.dieAt('container-created');
    const staging = attempt(world.activities.stageInstances, { ...ref, step: 'stage', replicas: REPLICAS }).result;
    await expect(staging).rejects.toThrow('died');
    expect(await remove(ref)).toMatchObject({ left: 0 });
    expect(await world.names()).toEqual([]);
  });
});

describe('a release that is promoted', () => {
  const promote = (ref: RunRef) => attempt(world.activities.promoteRelease, { ...ref, look: null }).result;

  it('is the one stable one; the one before is retired, and a repeat changes nothing', async () => {
    const first = await world.serving('1.0.0');
    const { ref } = await world.verified('2.0.0');
    expect(await world.row(ref)).toMatchObject({ state: 'staging' });
    expect(await promote(ref)).toEqual({
      kind: 'done',
      summary: 'release 2 (2.0.0) is stable',
      facts: { release: 2 },
    });
    const states = async () => [(await world.row(first.ref)).state, (await world.row(ref)).state];
    expect(await states()).toEqual(['retired', 'stable']);
    world.dieAt('release-promoted');
    await expect(promote(ref)).rejects.toThrow('died');
    await promote(ref);
    expect(await states()).toEqual(['retired', 'stable']);
  });
});

describe('requests that are held', () => {
  it('wait until they are let go, by a deadline that a repeat does not move', async () => {
    await world.serving('1.0.0');
    const { ref } = await world.prepared('2.0.0');
    const hold = (until: string) => attempt(world.activities.holdRequests, { ...ref, until }).result;
    const [until, later] = [soon(30_000), soon(90_000)];
    expect(await hold(until)).toMatchObject({ kind: 'done' });
    expect(await hold(later)).toMatchObject({ summary: `requests wait until ${until} at most` });
    expect((await world.route()).hold).toEqual({ until, maximumQueued: 1_000 });
    expect(await attempt(world.activities.releaseRequests, ref).result).toMatchObject({ kind: 'done' });
    await attempt(world.activities.releaseRequests, ref).result;
    expect((await world.route()).hold).toBeNull();
  });
});
