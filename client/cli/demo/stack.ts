import type { ChildProcess } from 'node:child_process';
import { CommandFailed, endOf, hasEnded, type CommandLine } from './command-line.ts';
import type { Screen } from './screen.ts';

/** The stack that the demo plays on. */
export interface DemoStack {
  /** Resolves when every part is well. Throws CommandFailed when `sluice up` ends before. */
  readonly ready: Promise<void>;
  /** Resolves when the stack ended by itself. */
  readonly ended: Promise<void>;
  /** Stops it, if the demo started it: nothing of it runs then. */
  stop(): Promise<void>;
  /** A stop that is taking too long for somebody. */
  insist(): void;
}

/** Starts `sluice up`; one that runs already is used as it is. */
export function startStack(
  sluice: CommandLine,
  screen: Screen,
  { isRunning, upArgs }: { readonly isRunning: boolean; readonly upArgs: readonly string[] },
): DemoStack {
  if (isRunning) {
    screen.line('  sluice up runs already: the demo uses it');
    const never = new Promise<void>(() => undefined);
    return { ready: Promise.resolve(), ended: never, stop: async () => undefined, insist: () => undefined };
  }
  const up = sluice.start(['up', ...upArgs], (line) => {
    // What it says of Ctrl-C is true of itself, not of the demo around it.
    if (line.trim() !== '') screen.line(`  ${line.trim().replace(/ · Ctrl-C.*$/, '')}`);
  });
  let errors = '';
  up.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
  return {
    ready: untilWell(sluice, up, () => errors),
    ended: new Promise<void>((resolve) => up.once('exit', () => resolve())),
    stop: () => stop(sluice, up),
    insist: () => void up.kill('SIGINT'),
  };
}

async function untilWell(sluice: CommandLine, up: ChildProcess, errors: () => string): Promise<void> {
  for (;;) {
    const code = await sluice.exitCode('status');
    if (hasEnded(up)) throw new CommandFailed(['up'], errors() || `ended by ${String(up.signalCode ?? up.exitCode)}`);
    if (code === 0) return;
  }
}

async function stop(sluice: CommandLine, up: ChildProcess): Promise<void> {
  await endOf(up);
  // Killed, it could not end its parts itself.
  if (up.signalCode !== null) await sluice.lastly('down');
}
