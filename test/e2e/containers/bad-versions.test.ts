// Versions that should not stay: each is taken back by itself, and the old one never stops serving.
import { beforeAll, describe, expect, it } from 'vitest';
import { readEvidence } from '../../../activities/adapters/postgres/evidence.ts';
import { SHOP, type Place } from '../../support/containers/container-stack.ts';
import { failuresOf, isAtBake, NO_FAILURES, openReleaseScene } from './release-scene.ts';

const scene = openReleaseScene();
const REPLICAS = 2;
const STAYS = { strategy: 'blue_green', bake: '10m' };

let place: Place;
beforeAll(async () => {
  place = await scene.stack.openPlace({ name: 'shop', replicas: REPLICAS });
  await scene.release(place, SHOP.first);
});

const evidenceOf = async (run: string) => (await readEvidence(scene.stack.pool, run)).map(({ body }) => body);

describe('a version that serves badly', () => {
  it('is taken back for its rate of failures, and what was seen is kept', async () => {
    const config = { strategy: 'canary', canary_steps: [50], bake: '10m' };
    const { result: run } = await scene.underLoad(place, () => scene.release(place, SHOP.bad, config, 'rolled-back'));
    await scene.expectServing(place, SHOP.first, REPLICAS);
    expect(await evidenceOf(run)).toContainEqual(
      expect.objectContaining({ summary: expect.stringContaining('failure rate') as unknown }),
    );
  });

  it('is taken back when its containers die while it bakes', async () => {
    const { run } = await scene.stack.deploy(place, SHOP.good, STAYS);
    await scene.until(run, 'its bake', isAtBake);
    for (const { Id, Labels } of await scene.stack.containers(place)) {
      if (Labels['sluice.version'] === SHOP.good) await scene.stack.docker.getContainer(Id).kill();
    }
    await scene.untilClosed(run, 'rolled-back');
    await scene.expectServing(place, SHOP.first, REPLICAS);
    expect(await evidenceOf(run)).not.toEqual([]);
  });
});

describe('a version that never gets traffic', () => {
  it.each([
    ['its container ends at once', { command: ['/usr/local/bin/node', '-e', 'process.exit(3)'] }, {}],
    ['it is never healthy', {}, { health_check: { path: '/nowhere', interval: '200ms' }, timeout: '4s' }],
  ])('leaves the old one serving without a failed request: %s', async (_why, application, config) => {
    await scene.stack.changeApplication(place, { command: undefined, ...application });
    const { result: run, window } = await scene.underLoad(place, async () => {
      const started = await scene.stack.deploy(place, SHOP.good, { ...config, strategy: 'rolling' });
      await scene.until(started.run, 'its end', ({ isClosed }) => isClosed);
      return started.run;
    });
    await scene.stack.changeApplication(place, { command: undefined });
    await scene.untilClosed(run, 'rolled-back');
    await scene.expectServing(place, SHOP.first, REPLICAS);
    expect(failuresOf(window)).toEqual(NO_FAILURES);
    expect(await evidenceOf(run)).not.toEqual([]);
  });
});

describe('a version that answers for its health under another path', () => {
  it('takes over without a failed request, and is asked there from then on', async () => {
    const config = { strategy: 'rolling', bake: '0s', health_check: { path: '/', interval: '200ms' } };
    const { window } = await scene.underLoad(place, () => scene.release(place, SHOP.good, config));
    await scene.expectServing(place, SHOP.good, REPLICAS);
    expect(failuresOf(window)).toEqual(NO_FAILURES);
    expect(await askedPath()).toBe('/');
  });
});

async function askedPath(): Promise<unknown> {
  const { rows } = await scene.stack.pool.query<{ path: string }>(
    `select route->'healthCheck'->>'path' as path from application_places where application = $1`,
    [place.application],
  );
  return rows[0]?.path;
}
