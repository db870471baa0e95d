import type { ChildProcess } from 'node:child_process';
import { CommandFailed, type CommandLine } from './command-line.ts';
import type { Screen } from './screen.ts';

export interface RunningStack {
  /** Resolves when the stack ended by itself. */
  readonly ended: Promise<void>;
  /** Stops it, if the demo started it. */
  stop(): Promise<void>;
}

/** Starts `sluice up` and resolves when every part is well; one that runs already is used as it is. */
export async function startStack(sluice: CommandLine, screen: Screen, isRunning: boolean): Promise<RunningStack> {
  if (isRunning) {
    screen.line('  sluice up runs already: the demo uses it');
    return { ended: new Promise(() => undefined), stop: async () => undefined };
  }
  const up = sluice.start(['up'], (line) => {
    if (line.trim() !== '') screen.line(`  ${line.trim()}`);
  });
  let errors = '';
  up.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = new Promise<void>((resolve) => up.once('exit', () => resolve()));
  const stack = { ended, stop: () => stop(up, ended) };
  while ((await sluice.exitCode('status')) !== 0) {
    if (up.exitCode !== null) throw new CommandFailed(['up'], errors);
  }
  return stack;
}

/** Waits for Ctrl-C (or the stack's own end). */
export async function untilInterrupted(stack: RunningStack): Promise<void> {
  const interrupted = new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  await Promise.race([interrupted, stack.ended]);
}

async function stop(up: ChildProcess, ended: Promise<void>): Promise<void> {
  if (up.exitCode === null && up.signalCode === null) up.kill('SIGINT');
  await ended;
}
