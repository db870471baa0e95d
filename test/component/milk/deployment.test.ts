import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadApplication } from '../../../client/engine/applications/load-applications.ts';
import { applyApplications } from '../../../client/engine/applications/apply-applications.ts';
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
  await world.apply('environments: { production: { target: docker }, devices: { target: fleet } }');
  world.played.started.length = 0;
  world.played.resolved.length = 0;
  world.played.end = 'completed';
  world.played.down.clear();
  world.played.silent = null;
  world.write(toml({ tag: '1.0.0' }));
});

interface Written {
  readonly tag?: string;
  readonly environment?: string;
  readonly more?: string;
}

const toml = ({ tag = '1.0.0', environment = 'production', more = '' }: Written): string => `
[deployment]
environment = "${environment}"
[deployment.docker]
image_name = "dairy/Milk_Bottle"
registry_url = "https://registry.example:5000/"
image_tag = "${tag}"
[deployment.scaling]
min_instances = 2
max_instances = 4
scale_up_cooldown = 0
${more}`;

const planOf = (at: number): ContainerPlan => world.played.started.at(at)?.plan as ContainerPlan;

async function applied(): Promise<unknown> {
  return (await loadApplication(await world.deps.database(), 'milk-bottle')).written;
}

/** Milk's answer, which is no error. */
async function well(...words: string[]): Promise<Record<string, unknown>> {
  const said = await world.milk(...words);
  expect(said.error?.report ?? null).toBeNull();
  expect(said.exitCode).toBe(0);
  return said.documents.at(-1) ?? {};
}

describe('deploy', () => {
  it('makes the application of the file and follows its first release to the end', async () => {
    const document = await well('deploy', '--reason', 'first day');
    expect(document).toMatchObject({ status: 'completed', application: { name: 'milk-bottle', version: '1.0.0' } });
    expect(world.played.resolved).toEqual(['registry.example:5000/dairy/Milk_Bottle:1.0.0']);
    expect(await applied()).toMatchObject({
      image: 'registry.example:5000/dairy/Milk_Bottle',
      port: 8_080,
      replicas: 2,
    });
    expect(world.played.started).toMatchObject([{ startedBy: { by: 'lin', reason: 'first day' } }]);
    expect(planOf(0)).toMatchObject({ strategy: { kind: 'first' }, application: { replicas: 2 } });
  });

  it('keeps the number of instances and what else is known of the application', async () => {
    await well('deploy');
    await well('scaling', 'scale-up');
    const applications = { 'milk-bottle': { image: 'elsewhere', port: 3_000, drain: '5s' } };
    const file = { name: 'app.yaml', content: JSON.stringify({ applications }) };
    await applyApplications(world.deps, { file, by: 'lin' });
    world.write(toml({ tag: '1.1.0' }).replace('[deployment]', '[deployment]\nstrategy = "blue-green"'));
    await well('deploy');
    expect(planOf(-1)).toMatchObject({
      strategy: { kind: 'blue_green' },
      application: { version: '1.1.0', replicas: 3, drainMs: 5_000 },
    });
    expect(await applied()).toMatchObject({ port: 3_000, replicas: 3, drain: '5s' });
  });

  it('ends with the exit code of its run', async () => {
    world.played.end = 'failed';
    expect(await world.milk('deploy')).toMatchObject({ exitCode: 7, documents: [{ status: 'failed' }], error: null });
  });

  it('says which sections of the file nothing acts on', async () => {
    world.write(toml({ more: 'cpu_threshold = 80.0\n[deployment.backup]\nretention_days = 30' }));
    const { notes } = await world.milk('deploy');
    expect(notes[0]).toContain('not used yet by these commands: deployment.backup, deployment.scaling.cpu_threshold');
  });

  it.each([
    ['nowhere', 'ENVIRONMENT_UNKNOWN', "echo 'environments: { nowhere: { target: docker } }' >"],
    ['devices', 'PLAN_TARGET_MISMATCH', 'name an environment with target docker'],
  ])('to environment %s is refused with the way out, and stores nothing', async (environment, code, hint) => {
    world.write(toml({ environment }));
    const { error } = await world.milk('deploy');
    expect(error?.report).toMatchObject({
      code,
      where: expect.stringMatching(/milkbottle\.toml: deployment\.environment$/) as unknown,
      hint: expect.stringContaining(hint) as unknown,
    });
    await expect(applied()).rejects.toMatchObject({ code: 'APPLICATION_UNKNOWN' });
  });

  it('is refused by a file that is not enabled, while looking is not', async () => {
    await well('deploy');
    world.write(toml({}).replace('[deployment]', '[deployment]\nenabled = false'));
    for (const words of [['deploy'], ['docker', 'run-container'], ['scaling', 'scale-up']]) {
      expect((await world.milk(...words)).error?.code).toBe('DEPLOYMENT_DISABLED');
    }
    await well('status');
  });
});

describe('docker run-container', () => {
  it('deploys one instance, and afterwards says where it runs', async () => {
    await well('docker', 'run-container');
    expect(planOf(0)).toMatchObject({ application: { replicas: 1 } });
    const again = await well('docker', 'run-container');
    expect(again).toMatchObject({ address: 'http://127.0.0.1:8123', instances: [{ instance: 'milk-bottle-1-1' }] });
    expect(world.played.started).toHaveLength(1);
  });
});

describe('rollback', () => {
  it('brings the release before back, without asking for its tag', async () => {
    await well('deploy');
    world.write(toml({ tag: '1.1.0' }));
    await well('deploy');
    world.played.resolved.length = 0;
    expect(await well('rollback')).toMatchObject({ application: { version: '1.0.0' }, status: 'completed' });
    expect(world.played.resolved).toEqual([]);
  });
});

it.each([
  ['1.0.0', 'ROLLBACK_NOOP'],
  ['0.9.0', 'RELEASE_UNKNOWN'],
])('a rollback to %s, where 1.0.0 is in use and was the first, is refused: %s', async (to, code) => {
  await well('deploy');
  expect((await world.milk('rollback', '--to', to)).error?.code).toBe(code);
});

describe('looking', () => {
  it('before the first deployment names the command that does it', async () => {
    for (const words of [['status'], ['logs'], ['health-check'], ['scaling', 'list-instances']]) {
      const { error } = await world.milk(...words);
      expect(error?.report.hint).toMatch(/^milk deployment deploy --config .*milkbottle\.toml$/);
    }
  });

  it('at an application that is known and deployed elsewhere names that command as well', async () => {
    await world.apply('environments: { staging: { target: docker } }');
    await well('deploy');
    world.write(toml({ environment: 'staging' }));
    for (const words of [['logs'], ['health-check'], ['scaling', 'scale-up']]) {
      const { error } = await world.milk(...words);
      expect(error).toMatchObject({ code: 'APPLICATION_NOT_DEPLOYED', exitCode: 4 });
      expect(error?.report.hint).toContain('milk deployment deploy --config');
    }
    expect(await well('status')).toMatchObject({ environment: null, current: null, run: null });
  });

  it('shows what serves, its instances and their last lines', async () => {
    await well('deploy');
    expect(await well('status')).toMatchObject({ run: null, current: { version: '1.0.0' }, name: 'milk-bottle' });
    expect(await well('scaling', 'list-instances')).toMatchObject({
      environment: 'production',
      instances: [{ instance: 'milk-bottle-1-1' }, { instance: 'milk-bottle-1-2' }],
    });
    expect(await well('logs', '--lines', '2')).toMatchObject({ logs: [{ lines: ['line 1', 'line 2'] }] });
  });

  it('shows the run that is under way', async () => {
    await well('deploy');
    const pool = await world.deps.database();
    await pool.query("update runs set closed = false, phase = 'running', completed_at = null");
    expect(await well('status')).toMatchObject({ run: { status: 'running' }, current: { version: '1.0.0' } });
  });

  it('at their health is content only when all instances are up', async () => {
    await well('deploy');
    expect(await well('health-check')).toMatchObject({ healthy: true, up: 2, wanted: 2 });
    world.played.down.add('milk-bottle-1-2');
    expect(await world.milk('health-check')).toMatchObject({
      exitCode: 5,
      documents: [
        {
          healthy: false,
          up: 1,
          instances: [{ up: true }, { up: false }],
          error: { code: 'INSTANCES_NOT_UP', message: '1 of 2 instances of milk-bottle in production are up' },
        },
      ],
    });
    world.played.silent = 'nobody took it in 15 s';
    expect((await world.milk('health-check')).error?.report).toMatchObject({
      code: 'INSTANCES_UNSEEN',
      message: 'what runs of milk-bottle in production could not be seen: nobody took it in 15 s',
    });
  });
});
