import { execa } from 'execa';

export type CommandLook =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly output: string; readonly tookMs: number }
  | { readonly kind: 'timed-out'; readonly output: string; readonly tookMs: number }
  | { readonly kind: 'killed'; readonly signal: string; readonly output: string; readonly tookMs: number }
  | { readonly kind: 'not-started'; readonly why: string };

export interface Command {
  /** Program and arguments; no shell reads them. */
  readonly argv: readonly string[];
  readonly timeoutMs: number;
  /** All that the program sees of the environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** SIGTERM first; who has not ended by then is killed. */
const KILL_AFTER_MS = 3_000;
const KEPT_OUTPUT_CHARS = 64_000;

/** Runs a program to its end, with the end of its output (both streams, in order). Throws only when it was cancelled. */
export async function runCommand({ argv, timeoutMs, env, signal }: Command): Promise<CommandLook> {
  const [file = '', ...args] = argv;
  const startedAt = performance.now();
  // A process group of its own, so that what it started ends with it.
  const program = execa(file, args, {
    all: true,
    buffer: false,
    detached: true,
    env,
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
  });
  let output = '';
  program.all.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-KEPT_OUTPUT_CHARS);
  });
  const limit = AbortSignal.timeout(timeoutMs);
  const stop = AbortSignal.any([signal, limit]);
  const end = endGroupOn(stop, program.pid);
  const result = await program.finally(end.forget);
  signal.throwIfAborted();
  const tookMs = Math.round(performance.now() - startedAt);
  if (limit.aborted && result.exitCode !== 0) return { kind: 'timed-out', output, tookMs };
  if (result.exitCode !== undefined) return { kind: 'exited', exitCode: result.exitCode, output, tookMs };
  if (result.signal !== undefined) return { kind: 'killed', signal: result.signal, output, tookMs };
  return { kind: 'not-started', why: result.originalMessage ?? 'it did not start' };
}

function endGroupOn(stop: AbortSignal, pid: number | undefined): { forget: () => void } {
  let killer: NodeJS.Timeout | undefined;
  const onStop = (): void => {
    signalGroup(pid, 'SIGTERM');
    killer = setTimeout(() => signalGroup(pid, 'SIGKILL'), KILL_AFTER_MS);
  };
  stop.addEventListener('abort', onStop, { once: true });
  if (stop.aborted) onStop();
  const forget = (): void => {
    stop.removeEventListener('abort', onStop);
    clearTimeout(killer);
  };
  return { forget };
}

function signalGroup(pid: number | undefined, name: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // It ended in this moment.
  }
}
