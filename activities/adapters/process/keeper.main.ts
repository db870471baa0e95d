// Keeps one command for a worker: ends it, with all that it started, at its time-out, when told to, and when the worker is
// gone, however it went. A process of its own, because a killed worker can end nothing any more.
import { spawn, type ChildProcess } from 'node:child_process';
import { STOP, type Assignment, type CommandEnd, type KeeperReport } from './keeper-messages.ts';
import { endGroup } from './process-group.ts';

process.once('message', (assignment: Assignment) => keep(assignment));
// A worker that is gone before it said anything.
process.once('disconnect', () => process.exit());

function keep({ argv, env, timeoutMs }: Assignment): void {
  const [file = '', ...args] = argv;
  const startedAt = performance.now();
  const tookMs = (): number => Math.round(performance.now() - startedAt);
  const notStarted = ({ message: why }: Error): void => leave({ kind: 'not-started', why });
  const command = start({ file, args, env }, notStarted);
  if (command?.pid === undefined) return;
  const { pid } = command;
  report({ kind: 'started', pid });
  let isLate = false;
  const end = (): void => void endGroup(pid);
  const limit = setTimeout(() => {
    isLate = true;
    end();
  }, timeoutMs);
  process.removeAllListeners('disconnect').once('disconnect', end);
  process.on('message', (message) => {
    if (message === STOP) end();
  });
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, end);
  command.once('exit', (exitCode, signal) => {
    clearTimeout(limit);
    const how = isLate ? timedOut(tookMs()) : endOf(exitCode, signal, tookMs());
    // What it left in the background ends with it: nobody else would.
    void endGroup(pid).then(() => leave(how));
  });
}

interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Assignment['env'];
}

/** Both streams into the worker's one pipe, in the order in which they are written. */
function start({ file, args, env }: Program, notStarted: (why: Error) => void): ChildProcess | null {
  try {
    const command = spawn(file, args, { detached: true, env: { ...env }, stdio: ['ignore', 'inherit', 1] });
    return command.once('error', notStarted);
  } catch (error) {
    // What no program can be given: a NUL byte in an argument.
    notStarted(error instanceof Error ? error : new Error(String(error)));
    return null;
  }
}

const timedOut = (tookMs: number): CommandEnd => ({ kind: 'timed-out', tookMs });

function endOf(exitCode: number | null, signal: NodeJS.Signals | null, tookMs: number): CommandEnd {
  if (exitCode !== null) return { kind: 'exited', exitCode, tookMs };
  return { kind: 'killed', signal: signal ?? 'an unknown signal', tookMs };
}

function report(message: KeeperReport, then: () => void = () => undefined): void {
  if (process.connected) process.send?.(message, undefined, undefined, then);
  else then();
}

const leave = (how: CommandEnd): void => report(how, () => process.exit());
