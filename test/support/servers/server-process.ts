// One real server as a child of the test: it cannot outlive the process that started it.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Command } from '../../../workers/stack/command.ts';

export interface ServerProcess {
  readonly pid: number;
  /** Ends it in good order and waits; SIGKILL after 10 s. */
  stop(): Promise<void>;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
  /** The last 8 KiB that it wrote. */
  output(): string;
  readonly exited: Promise<void>;
}

const SETPRIV = '/usr/bin/setpriv';
const OUTPUT_KEPT = 8_192;
const STOP_TIMEOUT_MS = 10_000;
const READY_POLL_MS = 20;

/** Starts `command` and waits until `isReady` says so. Throws with the server's output when it dies first or takes over 30 s. */
export async function startServer(
  command: Command,
  isReady: () => Promise<boolean>,
  stopSignal: NodeJS.Signals = 'SIGTERM',
): Promise<ServerProcess> {
  const child = spawnBound(command);
  const kept = keepOutput(child);
  let gone = false;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve())).then(() => {
    gone = true;
  });
  const server: ServerProcess = {
    pid: child.pid ?? 0,
    exited,
    output: () => kept.text,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    stop: async () => {
      child.kill(stopSignal);
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await exited;
      clearTimeout(timer);
    },
  };
  const deadline = Date.now() + 30_000;
  while (!(await isReady().catch(() => false))) {
    if (gone) throw new Error(`${command.file} ended before it was ready:\n${kept.text}`);
    if (Date.now() > deadline) {
      await server.kill();
      throw new Error(`${command.file} was not ready in 30 s:\n${kept.text}`);
    }
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
  return server;
}

function spawnBound({ file, args, env, account }: Command): ChildProcess {
  const options = { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] as ('ignore' | 'pipe')[] };
  // With setpriv the kernel itself ends the server when the test process dies, SIGKILL included.
  const child = existsSync(SETPRIV)
    ? spawn(SETPRIV, ['--pdeathsig=KILL', ...switchTo(account), file, ...args], options)
    : spawn(file, args, { ...options, ...account });
  child.on('error', () => undefined);
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.removeListener('exit', end));
  return child;
}

const switchTo = (account: Command['account']): string[] =>
  account ? [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups'] : [];

function keepOutput(child: ChildProcess): { text: string } {
  const kept = { text: '' };
  const add = (chunk: Buffer) => {
    kept.text = (kept.text + chunk.toString()).slice(-OUTPUT_KEPT);
  };
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  return kept;
}
