// "A fleet of your own" of the README, command for command, on ports and in a folder of the test's own.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StackUnderTest } from '../../component/stack/stack-under-test.ts';
import { eventually } from '../../support/eventually.ts';
import { makeTempFolder } from '../../support/servers/temp-folder.ts';
import { LAUNCHER } from './spawn-sluice.ts';

const ROOT = join(import.meta.dirname, '../../..');
const DEADLINE_MS = 90_000;

/** The commands of each shell block, without comments. */
function blocks(): string[][] {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const chapter = readme.slice(readme.indexOf('A fleet of your own'), readme.indexOf('## The picture'));
  return [...chapter.matchAll(/```sh\n(.*?)```/gs)].map(([, block = '']) =>
    block
      .split('\n')
      .map((line) => line.replace(/\s+#\s.*$/, '').trim())
      .filter((line) => line !== ''),
  );
}

const [[up = ''] = [], [devices = ''] = [], commands = []] = blocks();

let stack: StackUnderTest;
const folder = makeTempFolder('readme');
const running: ChildProcess[] = [];
beforeAll(async () => void (stack = await StackUnderTest.create()));
afterAll(async () => {
  for (const child of running) child.kill('SIGINT');
  await stack.end();
  folder.remove();
});

/** In a clone the examples lie beside; only their port and their patience are not the test's. */
function copyExamples(): void {
  cpSync(join(ROOT, 'examples'), join(folder.path, 'examples'), { recursive: true });
  const entries = readdirSync(join(folder.path, 'examples'), { withFileTypes: true });
  for (const { name } of entries.filter((entry) => entry.isFile())) {
    const file = join(folder.path, 'examples', name);
    const text = readFileSync(file, 'utf8').replaceAll(':5001', `:${stack.port('SLUICE_HTTP_PORT')}`);
    writeFileSync(file, text.replace(/^bake: 1m/m, 'bake: 1s'));
  }
}

function shell(line: string): ChildProcess {
  const command = line.replace(/^npx sluice /, `exec ${process.execPath} ${LAUNCHER} `);
  return spawn('sh', ['-c', command], { cwd: folder.path, env: stack.env, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function run(line: string): Promise<string> {
  const child = shell(line);
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  expect(code, `${line}\n${stdout}${stderr}`).toBe(0);
  return stdout;
}

describe('the README’s fleet', () => {
  it('gets its firmware by the commands as they stand there', async () => {
    expect([up, devices, commands.length]).toEqual([
      'npx sluice up',
      expect.stringMatching(/^npx sluice device simulate /) as string,
      11,
    ]);
    copyExamples();
    running.push(shell(up));
    await eventually(() => stack.expectWell(), DEADLINE_MS);
    const fleet = shell(devices);
    running.push(fleet);
    await once(fleet.stdout ?? fleet, 'data');
    const ids = { PLAN: '', RUN: '' };
    let said = '';
    for (const command of commands) {
      if (command.includes(' approve ')) await untilAwaiting(ids.RUN);
      said = await run(command.replace('PLAN', ids.PLAN).replace('RUN', ids.RUN));
      ids.PLAN = /plan_\w+/.exec(said)?.[0] ?? ids.PLAN;
      ids.RUN = /exe_\w+/.exec(said)?.[0] ?? ids.RUN;
    }
    expect(said).toContain('COMPLETED 100 %');
    const { stdout } = await stack.sluice(['device', 'list', '--output', 'json']);
    const { devices: all } = JSON.parse(stdout) as { devices: { firmware: string }[] };
    expect(all.map(({ firmware }) => firmware)).toEqual(Array.from({ length: 20 }, () => '1.1.0'));
  });
});

/** A person looks before they approve; a script may be quicker than the run. */
const untilAwaiting = (id: string): Promise<void> =>
  eventually(async () => {
    const { stdout } = await stack.sluice(['deploy', 'status', '--execution-id', id, '--output', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'awaiting-approval' });
  }, DEADLINE_MS);
