import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from '../../../activities/adapters/process/run-command.ts';
import { startTicksOf } from '../../../client/engine/stack/process-identity.ts';
import { eventually } from '../../support/eventually.ts';
import { makeTempFolder, type TempFolder } from '../../support/servers/temp-folder.ts';

const WORKER = fileURLToPath(new URL('../../support/gates/worker-like.main.ts', import.meta.url));

let folder: TempFolder;
let workers: ChildProcess[];
beforeEach(() => {
  folder = makeTempFolder('command');
  workers = [];
});
afterEach(() => {
  for (const worker of workers) worker.kill('SIGKILL');
  folder.remove();
});

/** A command of two processes that would run for minutes, and whose pids stand in a file of `name`. */
const script = (name: string, setUp = ''): string => `${setUp}
  sleep 300 & echo $$ $! > ${file(name)}.new; mv ${file(name)}.new ${file(name)}; wait`;
const file = (name: string): string => join(folder.path, name);

async function begun(name: string): Promise<number[]> {
  await eventually(() => expect(existsSync(file(name))).toBe(true));
  return readFileSync(file(name), 'utf8').trim().split(' ').map(Number);
}

const alive = (pids: readonly number[]): number => pids.filter((pid) => startTicksOf(pid) !== null).length;

function startWorker(text: string): ChildProcess {
  const worker = spawn(process.execPath, [WORKER, text], { stdio: ['ignore', 'pipe', 'inherit'] });
  workers.push(worker);
  return worker;
}

function run(text: string, timeoutMs = 60_000) {
  const stop = new AbortController();
  const env = { PATH: process.env['PATH'] ?? '' };
  const result = runCommand({ argv: ['sh', '-c', text], timeoutMs, env, signal: stop.signal });
  result.catch(() => undefined);
  return { result, stop: () => stop.abort(new Error('stopped')) };
}

describe('the command of a worker that is killed', () => {
  it('ends with it, so that the next attempt runs alone', async () => {
    const first = startWorker(script('first'));
    const lost = await begun('first');
    expect(alive(lost)).toBe(2);
    first.kill('SIGKILL');
    startWorker(script('second'));
    const next = await begun('second');
    await eventually(() => expect(alive(lost)).toBe(0));
    expect(alive(next)).toBe(2);
  });

  it('ends even when it does not listen to SIGTERM', async () => {
    const worker = startWorker(script('deaf', `trap '' TERM;`));
    const pids = await begun('deaf');
    worker.kill('SIGKILL');
    await eventually(() => expect(alive(pids)).toBe(0));
  });

  it('ends when the worker just leaves', async () => {
    const worker = startWorker(script('left'));
    const pids = await begun('left');
    worker.kill('SIGTERM');
    await once(worker, 'exit');
    await eventually(() => expect(alive(pids)).toBe(0));
  });
});

describe('a command', () => {
  it('ends with all that it started when it is cancelled', async () => {
    const command = run(script('cancelled'));
    const pids = await begun('cancelled');
    command.stop();
    await expect(command.result).rejects.toThrow('stopped');
    await eventually(() => expect(alive(pids)).toBe(0));
  });

  it('leaves nothing in the background', async () => {
    const look = await run(`sleep 300 & echo $! > ${file('background')}; echo done`).result;
    expect(look).toMatchObject({ kind: 'exited', exitCode: 0, output: 'done\n' });
    await eventually(async () => expect(alive(await begun('background'))).toBe(0));
  });

  it('is late even when it then ends well', async () => {
    const look = await run(`trap 'exit 0' TERM; touch ${file('waits')}; while :; do sleep 0.05; done`, 1_500).result;
    expect(look).toMatchObject({ kind: 'timed-out' });
  });

  it('writes both streams in order, and all of it arrives', async () => {
    const look = await run(
      'for i in 1 2 3; do echo out $i; echo err $i >&2; done; head -c 200000 /dev/zero | tr "\\0" x; exit 4',
    ).result;
    expect(look).toMatchObject({ kind: 'exited', exitCode: 4, output: 'x'.repeat(64_000) });
    const short = await run('for i in 1 2; do echo out $i; echo err $i >&2; done').result;
    expect(short).toMatchObject({ output: 'out 1\nerr 1\nout 2\nerr 2\n' });
  });

  it('that no program can be is not started', async () => {
    const signal = new AbortController().signal;
    const look = await runCommand({ argv: ['sh', '-c', 'a\0b'], timeoutMs: 1_000, env: {}, signal });
    expect(look).toMatchObject({ kind: 'not-started', why: expect.stringContaining('null bytes') as string });
  });

  it('whose keeper is killed runs no more, and nobody says that it failed', async () => {
    const command = run(script('orphan'));
    const pids = await begun('orphan');
    const [shell = 0] = pids;
    const keeper = Number(readFileSync(`/proc/${shell}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]);
    process.kill(keeper, 'SIGKILL');
    expect(await command.result).toEqual({ kind: 'lost', why: 'its keeper ended by SIGKILL' });
    expect(alive(pids)).toBe(0);
  });
});
