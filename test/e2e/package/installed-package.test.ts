import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { toolsFolder } from '../../../client/engine/own-tree.ts';
import { StackUnderTest } from '../../component/stack/stack-under-test.ts';
import { CannotDownload, installPackage, type InstalledPackage } from '../../support/package/installed-package.ts';

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')) as {
  version: string;
};
const INSTALLING_MAY_TAKE_MS = 600_000;
const STACK_MAY_TAKE_MS = 240_000;

let installed: InstalledPackage | undefined;
let stack: StackUnderTest | undefined;
let devices: ChildProcess | undefined;
let why = '';
beforeAll(async () => {
  try {
    installed = await installPackage();
  } catch (error) {
    if (!(error instanceof CannotDownload) || process.env['CI'] === 'true') throw error;
    why = error.message;
  }
}, INSTALLING_MAY_TAKE_MS);
afterAll(async () => {
  devices?.kill('SIGINT');
  await stack?.end();
  installed?.remove();
});

/** The installation; where npm could download nothing, the test is skipped. */
function theInstalled({ skip }: TestContext): InstalledPackage {
  return installed ?? skip(why);
}

describe('the packed package', () => {
  it('holds what runs, and no source and no test of it', (context) => {
    const { files } = theInstalled(context);
    const kinds = new Set(files.map((file) => file.replace(/^.*\//, '').replace(/^.*\./, '')));
    expect([...kinds].sort()).toEqual(['LICENSE', 'js', 'json', 'lua', 'md', 'mjs', 'sh', 'sql', 'yml']);
    expect(files.filter((file) => /\.test\.|(^|\/)(test|build|demo)\//.test(file))).toEqual([]);
    const read = ['workflows/bundle.js', 'activities/adapters/haproxy/hold.lua', 'temporal-dev.yml'];
    const migration = 'activities/adapters/postgres/migrations/0001_spine.sql';
    expect(files).toEqual(expect.arrayContaining(['README.md', 'CHANGELOG.md', migration, ...read]));
  });

  it('names no folder of the machine that built it', (context) => {
    const code = readFileSync(join(theInstalled(context).folder, 'node_modules/sluice/workflows/bundle.js'), 'utf8');
    const [, encoded = ''] = /base64,([A-Za-z0-9+/=]+)\s*$/.exec(code) ?? [];
    const { sources } = JSON.parse(Buffer.from(encoded, 'base64').toString()) as { sources: string[] };
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.filter((source) => /(^|\|)\//.test(source))).toEqual([]);
  });
});

describe('an installation of it, in a folder of somebody else', () => {
  it('answers npx', async (context) => {
    const { run } = theInstalled(context);
    const said = async (...args: string[]): Promise<string> => (await run('npx', ...args)).stdout;
    expect(await said('sluice', '--version')).toContain(`${version}\n`);
    expect(await said('sluice', '--help')).toContain('Usage: sluice [options] [command]');
    expect(await said('milk', '--help')).toContain('Usage: milk [options] [command]');
  });

  it(
    'sets itself up, runs a rollout on devices of its own, and leaves nothing running',
    async (context) => {
      const { folder } = theInstalled(context);
      const program = join(folder, 'node_modules/.bin/sluice');
      const started = await StackUnderTest.create(program);
      stack = started;
      started.env['SLUICE_TOOLS_DIR'] = toolsFolder();
      await setUp(started);
      const up = started.up();
      await up.ready;
      await started.expectWell();
      devices = await simulate(program, started.env);
      await rollOut(started, folder);
      devices.kill('SIGINT');
      await once(devices, 'close');
      await started.sluice(['down']);
      expect(await up.ended).toMatchObject({ code: 0 });
      expect(started.runningParts()).toEqual([]);
    },
    STACK_MAY_TAKE_MS,
  );
});

/** What this test does not need may be missing on a person's machine. */
async function setUp(started: StackUnderTest): Promise<void> {
  const { missing } = await json(started, 'setup');
  const needed = (missing as { part: string }[]).filter(({ part }) => /Temporal|PostgreSQL|mosquitto/.test(part));
  expect(needed).toEqual([]);
  const { findings } = await json(started, 'doctor');
  const states = new Map((findings as { name: string; state: string }[]).map(({ name, state }) => [name, state]));
  const parts = ['node', 'node-modules', 'temporal', 'postgres', 'mosquitto'];
  expect(parts.map((name) => states.get(name))).toEqual(parts.map(() => 'well'));
  expect(states.get('temporal-test-server')).toBeUndefined();
}

/** Workflow bundle, worker, gateway, HTTP, migrations, simulator: a rollout needs them all. */
async function rollOut(started: StackUnderTest, folder: string): Promise<void> {
  const file = (name: string, content: unknown): string => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(content));
    return path;
  };
  await json(started, 'group', 'create', 'all', '--filter', 'device.hardware == "edge-a"');
  const environments = { bench: { stage: 'staging', device_groups: ['all'] } };
  await json(started, 'env', 'apply', '-f', file('configuration.json', { environments }));
  for (const one of ['1.0.0', '1.1.0']) {
    const named = ['--name', 'edge', '--version', one, '--hardware', 'edge-a'];
    await json(started, 'artifact', 'add', file(`edge-${one}.bin`, one), ...named);
  }
  const target = { firmware_version: '1.1.0', target_environment: 'bench' };
  const plan = file('plan.json', { name: 'first', ...target, strategy: 'immediate', bake: '1s' });
  const { plan_id: planId } = await json(started, 'plan', 'create', '--config', plan);
  const run = await json(started, 'deploy', 'execute', '--plan-id', String(planId), '--watch');
  expect(run).toMatchObject({ status: 'completed' });
  const { devices: all } = await json(started, 'device', 'list');
  expect((all as { firmware: string }[]).map(({ firmware }) => firmware)).toEqual(['1.1.0', '1.1.0', '1.1.0']);
}

async function json(started: StackUnderTest, ...args: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await started.sluice([...args, '--output', 'json']);
  const document = JSON.parse(stdout) as Record<string, unknown>;
  expect(document['error'], `${args.join(' ')}: ${stdout}${stderr}`).toBeUndefined();
  return document;
}

async function simulate(program: string, env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const args = [program, 'device', 'simulate', '--count', '3'];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  return child;
}
