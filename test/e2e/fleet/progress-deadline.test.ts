// A fleet on a whole stack, one of whose devices was never switched on: what the progress deadline of its environment does.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { StackUnderTest } from '../../component/stack/stack-under-test.ts';
import { eventually } from '../../support/eventually.ts';
import { makeTempFolder } from '../../support/servers/temp-folder.ts';
import { LAUNCHER } from '../cli/spawn-sluice.ts';

const DEADLINE_MS = 90_000;
const folder = makeTempFolder('progress');
let stack: StackUnderTest;
let devices: ChildProcess | undefined;

beforeAll(async () => {
  stack = await StackUnderTest.create();
  await stack.up().ready;
});
afterAll(async () => {
  devices?.kill('SIGINT');
  await stack.end();
  folder.remove();
});

async function sluice(...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await stack.sluice([...args, '--output', 'json']);
  expect(code, `${args.join(' ')}\n${stdout}${stderr}`).toBe(0);
  return JSON.parse(stdout) as Record<string, unknown>;
}

function file(name: string, content: string): string {
  const path = join(folder.path, name);
  writeFileSync(path, content);
  return path;
}

/** Four that do as they are told, and one that nobody ever hears of. */
async function openFleet(): Promise<void> {
  const simulate = ['device', 'simulate', '--count', '4', '--prefix', 'on', '--firmware', '1.0.0', '--output', 'json'];
  devices = spawn(process.execPath, [LAUNCHER, ...simulate], { env: stack.env, stdio: ['ignore', 'pipe', 'inherit'] });
  await once(devices.stdout ?? devices, 'data');
  await sluice('device', 'add', 'off-0001', '--hardware', 'edge-a', '--firmware', '1.0.0');
  for (const version of ['1.0.0', '1.1.0']) {
    const bytes = file(`edge-${version}.bin`, `firmware ${version}`);
    await sluice('artifact', 'add', bytes, '--name', 'edge', '--version', version, '--hardware', 'edge-a');
  }
  await sluice('env', 'apply', '-f', file('env.json', '{"environments":{"field":{"progress_deadline":"4s"}}}'));
}

it('takes the fleet back, names the deadline and how many it waited for, and leaves nobody on the new version', async () => {
  await openFleet();
  const wish = {
    name: 'all',
    firmware_version: '1.1.0',
    target_environment: 'field',
    strategy: 'immediate',
    bake: '0s',
  };
  const plan = await sluice('plan', 'create', '--config', file('plan.json', JSON.stringify(wish)));
  const planId = String(plan['plan_id']);
  expect((await stack.sluice(['plan', 'show', '--plan-id', planId])).stdout).toContain(
    'no device of a wave begins or ends for 4 s',
  );
  const { execution_id: run } = await sluice('deploy', 'execute', '--plan-id', planId);
  const id = String(run);
  const ended = await eventually(async () => {
    const status = await sluice('deploy', 'status', '--execution-id', id);
    expect(status['status']).toMatch(/^(rolled-back|rollback-incomplete)$/);
    return status;
  }, DEADLINE_MS);
  // The one that is off was offered it and never began: nothing is on it, nothing is left.
  expect(ended).toMatchObject({
    status: 'rolled-back',
    reason: expect.stringMatching(
      /^wave 1: no progress within 4 s: nothing moved since .*, 1 device waited for \(1 not begun, 0 in progress\)$/,
    ) as string,
  });
  const evidence = JSON.stringify(await sluice('run', 'evidence', id));
  expect(evidence).toContain('"deadlineMs":4000');
  expect(evidence).toContain('{"thing":"off-0001","status":"QUEUED"}');
  const { devices: all } = (await sluice('device', 'list')) as { devices: readonly { firmware: string }[] };
  expect(all.map(({ firmware }) => firmware)).toEqual(Array(5).fill('1.0.0'));
});
