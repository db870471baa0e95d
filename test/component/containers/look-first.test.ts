// What an effect makes of the look that it takes before it begins; the conformance suite has what it answers.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { HealthCheck } from '#domain/plan/health-check.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import type { LookingFirst } from '#domain/ports/release.port.ts';
import { containerPlanOf } from '../../support/containers/container-plan.ts';
import { openContainerWorld, REPLICAS, soon, type ContainerWorld } from '../../support/containers/container-world.ts';
import { attempt } from '../../support/fleet/fleet-world.ts';

let world: ContainerWorld;
beforeAll(async () => {
  world = await openContainerWorld();
});
afterAll(() => world.close());
beforeEach(() => world.next());

type Look = LookingFirst['look'];
const { watch } = containerPlanOf();
const looking = (check: HealthCheck): Look => ({ ...watch, healthChecks: [check] });
const ILL = looking({ type: 'tcp', name: 'ill', host: '127.0.0.1', port: 1, timeoutMs: 1_000, retryCount: 0 });
const SLOW = looking({ type: 'command', name: 'slow', command: ['sleep', '60'], timeoutMs: 90_000, retryCount: 0 });

const shift = (ref: RunRef, look: Look, weightBasisPoints = 10_000) =>
  attempt(world.activities.shiftTraffic, { ...ref, look, weightBasisPoints, deadlineAt: soon() }).result;
const retire = (ref: RunRef, look: Look) => attempt(world.activities.retireInstances, { ...ref, look, keep: 0 }).result;
const promote = (ref: RunRef, look: Look) => attempt(world.activities.promoteRelease, { ...ref, look }).result;

it('is not taken by an attempt that finds its effect done', async () => {
  await world.serving('1.0.0');
  const { ref } = await world.verified('2.0.0');
  for (const act of [shift, retire, promote]) {
    expect(await act(ref, ILL)).toMatchObject({ kind: 'breach' });
    expect(await act(ref, null)).toMatchObject({ kind: 'done' });
    expect(await act(ref, ILL)).toMatchObject({ kind: 'done' });
  }
  expect(await shift(ref, ILL, 500)).toMatchObject({ kind: 'done' });
});

it('is not taken again for instances that have joined those in use', async () => {
  await world.serving('1.0.0');
  const rolling = { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 } as const;
  const { ref } = await world.staged('2.0.0', { plan: { strategy: rolling } });
  const verify = (look: Look) => {
    const wish = { ...ref, look, step: 'verify', replicas: REPLICAS, join: 'among', deadlineAt: soon() } as const;
    return attempt(world.activities.verifyInstances, wish).result;
  };
  expect(await verify(ILL)).toMatchObject({ kind: 'breach' });
  expect((await world.route()).members).toHaveLength(REPLICAS.length);
  expect(await verify(null)).toMatchObject({ kind: 'done' });
  expect(await verify(ILL)).toMatchObject({ kind: 'done' });
});

it('that gets no answer in its short time has seen nothing', async () => {
  await world.serving('1.0.0');
  const { ref } = await world.verified('2.0.0');
  expect(await shift(ref, SLOW)).toMatchObject({ kind: 'unseen' });
  expect(await world.route()).toMatchObject({ stableArm: 'a', canaryBasisPoints: 0 });
});

it('does not outlast the attempt that is stopped', async () => {
  await world.serving('1.0.0');
  const { ref } = await world.verified('2.0.0');
  const wish = { ...ref, look: SLOW, weightBasisPoints: 10_000, deadlineAt: soon() };
  const shifting = attempt(world.activities.shiftTraffic, wish);
  shifting.cancel();
  await expect(shifting.result).rejects.toThrow();
  expect(await world.route()).toMatchObject({ stableArm: 'a' });
});
