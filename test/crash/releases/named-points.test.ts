// Every moment at which the worker can die in a release and leave something half done.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { ContainerStack, SHOP, type Place } from '../../support/containers/container-stack.ts';
import { containerEvents } from '../../support/crash/releases/container-events.ts';
import { openTrialPlace, ReleaseTrial, REPLICAS } from '../../support/crash/releases/release-trial.ts';
import { judgeRelease, judgeTraffic } from '../../support/crash/releases/release-verdict.ts';
import { TrafficWatch } from '../../support/crash/releases/traffic-watch.ts';

const DEADLINE_MS = 300_000;

let world: ContainerStack;
let place: Place;
beforeAll(async () => {
  world = await ContainerStack.open();
  place = await openTrialPlace(world, 'points', SHOP.first);
}, 300_000);
afterAll(() => world.close());
afterEach(async () => {
  expect(world.points.clear(), 'points that nobody reached').toEqual([]);
  await world.untilWell();
});

/** Arms every point; whoever reaches one dies there. The function resolves when all were reached. */
function dieAt(...points: readonly string[]): () => Promise<void> {
  const armed = points.map((point) => world.points.arm(point));
  return async () => {
    for (const point of armed) await point.fired(DEADLINE_MS);
  };
}

const NEW = Array.from({ length: REPLICAS }, () => 1);

it('creates, starts and removes everything once when it dies at each step forward', async () => {
  const sinceMs = Date.now();
  const trial = await ReleaseTrial.open(world, place, {
    version: SHOP.good,
    config: { strategy: 'blue_green', bake: '1s' },
  });
  const watch = new TrafficWatch(world, place, SHOP.bad);
  const allDied = dieAt(
    'journal-stored',
    'release-written',
    'image-pulled',
    'container-created',
    'container-started',
    'instances-ready',
    'route-written',
    'route-applied',
    'instances-drained',
    'container-stopped',
    'container-removed',
    'release-promoted',
  );
  await trial.execute();
  await allDied();
  await trial.untilClosed(DEADLINE_MS);
  await watch.stop();
  const counts = await containerEvents(world, place, sinceMs);
  expect(counts.of(SHOP.good)).toEqual({ create: NEW, start: NEW, destroy: [] });
  expect(counts.of(SHOP.first)).toEqual({ create: [], start: [], destroy: NEW });
  expect(await judgeRelease(trial, 'completed')).toEqual([]);
  expect(await judgeTraffic(trial, watch, [])).toEqual([]);
});

it('brings the traffic back and removes everything once when it dies at each step back', async () => {
  const sinceMs = Date.now();
  const trial = await ReleaseTrial.open(world, place, {
    version: SHOP.first,
    config: { strategy: 'blue_green', bake: '30m' },
  });
  const watch = new TrafficWatch(world, place, SHOP.bad);
  await trial.execute();
  await trial.until('it bakes', ({ step }) => step?.startsWith('bake') ?? false, DEADLINE_MS);
  const allDied = dieAt(
    'route-written',
    'route-applied',
    'traffic-returned',
    'instances-drained',
    'container-stopped',
    'container-removed',
  );
  await trial.command('rollBackRun');
  await allDied();
  await trial.untilClosed(DEADLINE_MS);
  await watch.stop();
  const counts = await containerEvents(world, place, sinceMs);
  expect(counts.of(SHOP.first)).toEqual({ create: NEW, start: NEW, destroy: NEW });
  expect(counts.of(SHOP.good)).toEqual({ create: [], start: [], destroy: [] });
  expect(await judgeRelease(trial, 'rolled-back')).toEqual([]);
  expect(await judgeTraffic(trial, watch, [])).toEqual([]);
});
