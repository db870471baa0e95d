// Every strategy forwards and back under requests that count each failure.
import { beforeAll, describe, expect, it } from 'vitest';
import { rollBackApplication } from '../../../client/engine/releases/roll-back-application.ts';
import { LIN, SHOP, type Place } from '../../support/containers/container-stack.ts';
import { letGo } from '../../support/containers/let-go.ts';
import { failuresOf, NO_FAILURES, openReleaseScene } from './release-scene.ts';

const scene = openReleaseScene();
const REPLICAS = 2;

let place: Place;
beforeAll(async () => {
  place = await scene.stack.openPlace({ name: 'shop', replicas: REPLICAS });
  await scene.release(place, SHOP.first);
});

async function rollBack(): Promise<void> {
  const wish = { application: place.application, environment: place.environment, to: undefined, person: LIN };
  const done = await rollBackApplication(scene.stack.deps, { ...wish, reason: 'as it was' });
  if (done.kind !== 'started') throw new Error('an open run was told, none should be open');
  await scene.untilClosed(done.started.run, 'completed');
  await letGo(scene.stack.deps, { ...place, person: LIN });
}

describe('a release under load', () => {
  it.each([
    ['rolling', { strategy: 'rolling', bake: '0s' }],
    ['blue_green', { strategy: 'blue_green', bake: '1s' }],
    ['canary', { strategy: 'canary', canary_steps: [20, 100], bake: '1s' }],
    ['recreate', { strategy: 'recreate' }],
    ['immediate', { strategy: 'immediate' }],
  ])('loses no request on its way to the next version and back: %s', async (_name, config) => {
    const there = await scene.underLoad(place, () => scene.release(place, SHOP.good, config));
    await scene.expectServing(place, SHOP.good, REPLICAS);
    const back = await scene.underLoad(place, rollBack);
    await scene.expectServing(place, SHOP.first, REPLICAS);
    expect(failuresOf(there.window)).toEqual(NO_FAILURES);
    expect(failuresOf(back.window)).toEqual(NO_FAILURES);
    expect(Object.keys(there.window.versions).sort()).toEqual([SHOP.first, SHOP.good]);
  });

  it('loses no request when it is taken back in the middle of its bake', async () => {
    const { window } = await scene.underLoad(place, async () => {
      const { run } = await scene.stack.deploy(place, SHOP.good, { strategy: 'canary', bake: '10m' });
      await scene.until(run, 'its first bake', ({ step }) => step === 'bake-1');
      const answer = await scene.sluice('deploy', 'rollback', '--execution-id', run, '--reason', 'enough seen');
      expect(answer.exitCode).toBe(0);
      await scene.untilClosed(run, 'rolled-back');
    });
    await scene.expectServing(place, SHOP.first, REPLICAS);
    expect(failuresOf(window)).toEqual(NO_FAILURES);
  });
});
