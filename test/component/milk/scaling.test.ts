import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { loadApplication } from '../../../client/engine/applications/load-applications.ts';
import type { ContainerPlan } from '#domain/plan/container-plan.ts';
import { openMilkWorld, type MilkWorld } from '../../support/milk/milk-world.ts';

let world: MilkWorld;
beforeAll(async () => {
  world = await openMilkWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  const tables = 'plans, runs, configuration, environments, applications, application_places, releases';
  await (await world.deps.database()).query(`truncate ${tables} cascade`);
  await world.apply('environments: { production: { target: docker } }');
  world.write(toml('0', '0'));
  world.played.end = 'completed';
  expect((await world.milk('deploy')).exitCode).toBe(0);
  world.played.started.length = 0;
  world.played.resolved.length = 0;
});

const toml = (up: string, down: string): string => `
[deployment]
environment = "production"
[deployment.docker]
image_name = "shop"
image_tag = "1.0.0"
[deployment.scaling]
min_instances = 1
max_instances = 4
scale_up_cooldown = ${up}
scale_down_cooldown = ${down}`;

const lastPlan = (): ContainerPlan => world.played.started.at(-1)?.plan as ContainerPlan;

const wanted = async (): Promise<number> => (await loadApplication(await world.deps.database(), 'shop')).spec.replicas;

it('rolls what is in use out again in another number, with the reason and the same bytes', async () => {
  const up = await world.milk('scaling', 'scale-up', '--count', '2', '--reason', 'high_load');
  expect(up).toMatchObject({ exitCode: 0, documents: [{ status: 'completed' }] });
  expect(up.notes.join()).toContain('shop 1.0.0 from 1 to 3 instances in production');
  expect(world.played.started).toMatchObject([{ startedBy: { by: 'lin', reason: 'high_load' } }]);
  expect(lastPlan()).toMatchObject({
    name: 'shop 1.0.0 from 1 to 3 instances in production',
    description: 'high_load',
    strategy: { kind: 'rolling' },
    present: { version: '1.0.0', replicas: 1 },
    application: { version: '1.0.0', replicas: 3 },
  });
  expect(lastPlan().application.image.digest).toBe(lastPlan().present?.digest);
  expect(world.played.resolved).toEqual([]);
  expect(await wanted()).toBe(3);

  expect((await world.milk('scaling', 'scale-down', '--reason', 'low_load')).exitCode).toBe(0);
  expect(lastPlan()).toMatchObject({ present: { replicas: 3 }, application: { replicas: 2 } });
  expect(await wanted()).toBe(2);
});

it.each([
  ['up', '4', '1 and 4 would make 5 instances of shop in production, which may have 1 to 4', '--count 3'],
  ['down', '1', '1 less 1 would make 0 instances of shop in production, which may have 1 to 4', 'min_instances'],
])('is refused %s by %s beyond the limits, and changes nothing', async (direction, count, message, hint) => {
  const { error, exitCode } = await world.milk('scaling', `scale-${direction}`, '--count', count);
  expect(error?.report).toMatchObject({
    code: 'SCALING_LIMIT',
    message,
    hint: expect.stringContaining(hint) as unknown,
  });
  expect(exitCode).toBe(5);
  expect(world.played.started).toEqual([]);
  expect(await wanted()).toBe(1);
});

it('is refused within the cooldown of the direction that is asked for, naming when it is possible', async () => {
  await world.milk('scaling', 'scale-up');
  world.write(toml('300', '0'));
  const pool = await world.deps.database();
  const { rows } = await pool.query<{ at: Date }>('select max(completed_at) as at from runs');
  const possibleAt = new Date((rows[0]?.at.getTime() ?? 0) + 300_000).toISOString();
  expect((await world.milk('scaling', 'scale-up')).error?.report).toMatchObject({
    code: 'SCALING_COOLDOWN',
    message: expect.stringContaining(`it may be scaled up 300 s later, from ${possibleAt} on`) as unknown,
  });
  expect((await world.milk('scaling', 'scale-down')).exitCode).toBe(0);
  await pool.query("update runs set completed_at = completed_at - interval '301 s'");
  expect((await world.milk('scaling', 'scale-up')).exitCode).toBe(0);
});

it('counts neither a deployment nor a scaling that failed as the last scaling', async () => {
  world.played.end = 'failed';
  expect((await world.milk('scaling', 'scale-up')).exitCode).toBe(7);
  world.played.end = 'completed';
  world.write(toml('300', '300').replace('1.0.0', '1.1.0'));
  expect((await world.milk('deploy')).exitCode).toBe(0);
  expect((await world.milk('scaling', 'scale-up')).exitCode).toBe(0);
});

it('needs a reason that is one', async () => {
  expect((await world.milk('scaling', 'scale-up', '--reason', ' ')).error?.code).toBe('REASON_REQUIRED');
});
