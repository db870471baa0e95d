import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { STOP, type CommandEnd, type KeeperReport } from './keeper-messages.ts';
import { endGroup } from './process-group.ts';

type WithOutput<End> = End extends { readonly tookMs: number } ? End & { readonly output: string } : End;

export type CommandLook =
  | WithOutput<CommandEnd>
  /** Nobody knows how it ended; nothing of it runs any more. */
  | { readonly kind: 'lost'; readonly why: string };

export interface Command {
  /** Program and arguments; no shell reads them. */
  readonly argv: readonly string[];
  readonly timeoutMs: number;
  /** All that the program sees of the environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** In the form of this file: TypeScript in a clone, JavaScript in an installed package. */
const KEEPER = fileURLToPath(new URL(`./keeper.main${extname(import.meta.url)}`, import.meta.url));
const KEPT_OUTPUT_CHARS = 64_000;
/** What left the command's group may hold its output open for ever. */
const LAST_OUTPUT_WITHIN_MS = 1_000;
/** By it `sluice up` finds what a killed stack left. */
const STACK_MARK = 'SLUICE_PART_OF';

/**
 * Runs a program to its end, with the end of its output (both streams, in order). It ends with this process too, whatever
 * kills that. Throws only when it was cancelled.
 */
export async function runCommand({ argv, timeoutMs, env, signal }: Command): Promise<CommandLook> {
  signal.throwIfAborted();
  const mark = env[STACK_MARK];
  const keeper = fork(KEEPER, {
    // Not of this process's group and session: whatever ends those must leave it time to end the command.
    detached: true,
    env: mark === undefined ? {} : { [STACK_MARK]: mark },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'ignore', 'ipc'],
  });
  const output = collect(keeper);
  const ended = endOf(keeper);
  const tell = (message: object | string): void => void (keeper.connected && keeper.send(message, () => undefined));
  const stop = (): void => tell(STOP);
  tell({ argv, env, timeoutMs });
  signal.addEventListener('abort', stop, { once: true });
  const end = await ended.finally(() => signal.removeEventListener('abort', stop));
  await output.complete;
  signal.throwIfAborted();
  return 'tookMs' in end ? { ...end, output: output.text() } : end;
}

function collect({ stdout }: ChildProcess): { text: () => string; complete: Promise<unknown> } {
  let text = '';
  stdout?.setEncoding('utf8').on('data', (more: string) => {
    text = (text + more).slice(-KEPT_OUTPUT_CHARS);
  });
  const complete = stdout ? once(stdout, 'close').catch(() => undefined) : Promise.resolve();
  return { text: () => text, complete };
}

/** How the command ended, when its keeper is gone as well. */
async function endOf(keeper: ChildProcess): Promise<CommandEnd | { readonly kind: 'lost'; readonly why: string }> {
  let group: number | null = null;
  let end: CommandEnd | null = null;
  keeper.on('message', (report: KeeperReport) => {
    if (report.kind === 'started') group = report.pid;
    else end = report;
  });
  const why = await departure(keeper);
  setTimeout(() => keeper.stdout?.destroy(), LAST_OUTPUT_WITHIN_MS).unref();
  if (end !== null) return end;
  if (group !== null) await endGroup(group);
  return { kind: 'lost', why };
}

/** Resolves when the keeper is gone and its last report was read, with how it went. */
async function departure(keeper: ChildProcess): Promise<string> {
  const gone = new Promise<string>((resolve) => {
    keeper.once('exit', (code, signal) => resolve(`its keeper ended by ${signal ?? `exit code ${code}`}`));
  });
  const heard = new Promise<void>((resolve) => keeper.once('disconnect', resolve));
  const notStarted = new Promise<string>((resolve) => keeper.once('error', ({ message }) => resolve(message)));
  return Promise.race([notStarted, heard.then(() => gone)]);
}
