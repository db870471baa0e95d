// The demo that is not left to its end: by Ctrl-C, by a killed `sluice up`, by a person who says no.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { StackUnderTest } from '../../component/stack/stack-under-test.ts';

const DEMO = join(import.meta.dirname, '../../../client/cli/demo/demo.ts');
const DEADLINE_MS = 90_000;

let stack: StackUnderTest;
beforeEach(async () => void (stack = await StackUnderTest.create()));
afterEach(() => stack.end());

interface RunningDemo {
  readonly process: ChildProcess;
  said(): string;
  readonly ended: Promise<unknown[]>;
}

const NODE = [...process.execArgv.filter((flag) => flag.startsWith('--disable-warning')), DEMO];

function watched(child: ChildProcess): RunningDemo {
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return { process: child, said: () => said, ended: once(child, 'close') };
}

const inPipe = (...flags: string[]): RunningDemo =>
  watched(spawn(process.execPath, [...NODE, ...flags], { env: stack.env, stdio: ['ignore', 'pipe', 'pipe'] }));

/** What is typed comes to its standard input, as a terminal hands it on. */
const inTerminal = (): RunningDemo =>
  watched(
    spawn('script', ['-qec', `stty rows 24 cols 80; exec ${[process.execPath, ...NODE].join(' ')}`, '/dev/null'], {
      env: { ...stack.env, TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'pipe'],
    }),
  );

/** Processes of the demo's installation, its devices among them. */
function left(): string[] {
  return readdirSync('/proc')
    .filter(
      (pid) => /^\d+$/.test(pid) && read(`/proc/${pid}/environ`).includes(`SLUICE_DATA_DIR=${stack.dataDirectory}`),
    )
    .map((pid) => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' '))
    .filter((command) => command !== '');
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

describe('the demo', () => {
  it.each([
    ['while the stack starts', 'starting PostgreSQL'],
    ['with its devices connected', '200 connected'],
  ])('stopped by Ctrl-C %s leaves nothing running', async (_when, line) => {
    const demo = inTerminal();
    await eventually(() => expect(demo.said()).toContain(line), DEADLINE_MS);
    demo.process.stdin?.write('\u0003');
    expect(await demo.ended).toEqual([130, null]);
    expect(demo.said()).toContain('stopped; nothing runs any more');
    expect(left()).toEqual([]);
  });

  it('whose reader has left stops, and leaves nothing running', async () => {
    const demo = inPipe();
    await eventually(() => expect(demo.said()).toContain('ready in'), DEADLINE_MS);
    demo.process.stdout?.destroy();
    await demo.ended;
    expect(left()).toEqual([]);
  });

  it('whose sluice up is killed while it starts says so, and leaves nothing running', async () => {
    const demo = inPipe();
    await eventually(() => process.kill(stack.pidOf('up'), 'SIGKILL'), DEADLINE_MS);
    expect(await demo.ended).toEqual([1, null]);
    expect(demo.said()).toContain('ended by');
    expect(left()).toEqual([]);
  });

  it('waits for a person’s decision, and takes a no for a no', async () => {
    const demo = inPipe('--interactive');
    await eventually(() => expect(demo.said()).toContain('waiting for you'), DEADLINE_MS);
    const [run = ''] = /exe_\w+/.exec(demo.said()) ?? [];
    expect(demo.said()).not.toContain('approved by');
    expect((await stack.sluice(['reject', run, '--as', 'ada'])).code).toBe(0);
    expect(await demo.ended).toEqual([1, null]);
    expect(demo.said()).toContain('✗ rejected by ada: the demo ends here');
    expect(demo.said()).toContain('Look around after `npx sluice up`:');
    expect(left()).toEqual([]);
  });
});
