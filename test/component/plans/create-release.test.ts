import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadPlan } from '../../../client/engine/plans/load-plan.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { CONFIGURATION, openReleaseWorld, SHOP, type ReleaseWorld } from '../../support/containers/release-world.ts';

const SHOP_1_1 = { application: 'shop', version: '1.1.0', environment: 'production' };

let world: ReleaseWorld;
beforeAll(async () => {
  world = await openReleaseWorld();
  await world.configure(CONFIGURATION);
  await world.applications(SHOP);
});
afterAll(() => world.close());
beforeEach(() => world.worker.images.clear());

describe('a plan file that names an application', () => {
  it('becomes a first release where nothing is in use, its tag pinned', async () => {
    const { plan, notes } = await world.plan({ ...SHOP_1_1, environment: 'staging' });
    expect(plan).toMatchObject({
      kind: 'container-release',
      name: 'shop 1.1.0 → staging',
      strategy: { kind: 'first' },
      present: null,
      application: {
        name: 'shop',
        version: '1.1.0',
        reference: 'registry.test/shop:1.1.0',
        replicas: 4,
        readiness: { kind: 'http', path: '/health', expectedStatus: 200 },
      },
    });
    expect(plan.application.container.image).toBe(plan.application.image.image);
    expect(plan.steps.map(({ id }) => id)).toEqual(['gate-firmware_validation', 'pull', 'stage', 'verify', 'shift']);
    expect(notes.join('\n')).toContain('strategy rolling is skipped');
    expect(notes.join('\n')).toContain('registry.test/shop:1.1.0 is sha256:');
  });

  it('takes the body of the specification, with what is in use as the way back', async () => {
    const { plan: first } = await world.plan({ ...SHOP_1_1, version: '1.0.0' });
    await world.release(first, 7);
    const config = {
      strategy: 'rolling',
      timeout: '10m',
      health_check: { path: '/ready', interval: '30s', timeout: '5s' },
    };
    const { plan, digest } = await world.plan({ ...SHOP_1_1, config });
    expect(plan.present).toEqual({ release: 7, version: '1.0.0', digest: first.application.image.digest, replicas: 4 });
    expect(plan.strategy).toEqual({ kind: 'rolling', maxSurge: 1, maxUnavailable: 0 });
    expect(plan.application.readiness).toEqual({
      kind: 'http',
      path: '/ready',
      expectedStatus: 200,
      timing: { everyMs: 30_000, timeoutMs: 5_000, healthyAfter: 1, unhealthyAfter: 3 },
    });
    expect(await loadPlan(world.deps, plan.planId)).toEqual({ plan, digest });
  });

  it('may have a time of its own', async () => {
    const start_time = new Date(Date.now() + 86_400_000).toISOString();
    const { plan } = await world.plan({ ...SHOP_1_1, config: { schedule: { start_time, duration: '2h' } } });
    expect(plan.schedule).toEqual({ startAt: start_time, durationMs: 7_200_000 });
    const late = world.plan({ ...SHOP_1_1, config: { schedule: { start_time: '2024-03-20T22:00:00Z' } } });
    await expect(late).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('config.schedule.start_time: expected a time to come') as string,
    });
  });

  it('says that an image without a registry stays on its engine', async () => {
    const id = `sha256:${'c'.repeat(64)}`;
    world.worker.images.set('registry.test/shop:dev', { pin: 'image-id', image: id, digest: id, sizeBytes: null });
    const { plan, notes } = await world.plan({ ...SHOP_1_1, version: 'dev', environment: 'staging' });
    expect(plan.application.container.image).toBe(id);
    expect(notes.join('\n')).toContain('is in no registry: the plan pins its image id');
  });

  it('moves secrets of hooks and gates to files', async () => {
    const hook = { name: 'migrate', command: 'migrate up', env: { DB_PASSWORD: 'hunter2' }, compensation: 'none' };
    const { plan } = await world.plan({ ...SHOP_1_1, config: { hooks: { before: [hook] } } });
    expect(JSON.stringify(plan)).not.toContain('hunter2');
    const step = plan.steps.find((one) => one.kind === 'hook');
    expect(step?.hook).toMatchObject({
      compensation: null,
      action: { kind: 'command', env: { DB_PASSWORD: { secretRef: expect.stringMatching(/^file:/) as unknown } } },
    });
  });

  it('asks the worker with the engines of the environment', async () => {
    world.worker.asked.length = 0;
    await world.plan({ ...SHOP_1_1, environment: 'staging' });
    expect(world.worker.asked).toMatchObject([
      {
        name: 'resolveImage',
        input: { credentials: null, engines: [{ name: 'local', way: { kind: 'socket' }, reach: { kind: 'bridge' } }] },
      },
    ]);
  });
});

describe('a release that cannot be planned', () => {
  it.each([
    ['an application that nobody applied', { application: 'shopp' }, 'APPLICATION_UNKNOWN'],
    ['an environment that nobody applied', { environment: 'prod' }, 'ENVIRONMENT_UNKNOWN'],
    ['an environment for devices', { environment: 'field' }, 'PLAN_TARGET_MISMATCH'],
    ['an unknown strategy', { config: { strategy: 'yolo' } }, 'CONFIG_INVALID'],
    ['a key of config beside it', { strategy: 'canary' }, 'CONFIG_INVALID'],
    [
      'a hook that does not say what undoes it',
      { config: { hooks: { after: [{ name: 'a', command: 'true' }] } } },
      'CONFIG_INVALID',
    ],
  ])('is refused for %s', async (_what, over, code) => {
    await expect(world.plan({ ...SHOP_1_1, ...over })).rejects.toMatchObject({ code });
  });

  it('is told where the key belongs', async () => {
    await expect(world.plan({ ...SHOP_1_1, strategy: 'canary' })).rejects.toThrow('config.strategy');
  });

  it('is refused with what the engine says of the image', async () => {
    const gone = sluiceError('USAGE', { why: 'no such image' });
    world.worker.images.set('registry.test/shop:9.9.9', gone);
    await expect(world.plan({ ...SHOP_1_1, version: '9.9.9' })).rejects.toBe(gone);
  });

  it('is refused for devices in an environment with containers', async () => {
    const file = { name: 'p', firmware_version: '1.0.0', target_environment: 'production', strategy: 'canary' };
    await expect(world.plan(file)).rejects.toMatchObject({ code: 'PLAN_TARGET_MISMATCH' });
  });
});
