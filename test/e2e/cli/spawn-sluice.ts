import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Said } from './cli-world.ts';

export const LAUNCHER = fileURLToPath(new URL('../../../client/cli/sluice.mjs', import.meta.url));

/** Runs one command as a process of its own, as people do. */
export function spawnSluice(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<Said> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [LAUNCHER, ...argv], { env: withPath(env) }, (_error, stdout, stderr) => {
      resolve({ exitCode: child.exitCode ?? -1, stdout, stderr });
    });
  });
}

export interface RunningSluice {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  readonly ended: Promise<number | null>;
}

/** Starts a command that goes on until it is told to end. */
export function startSluice(argv: readonly string[], env: NodeJS.ProcessEnv): RunningSluice {
  const child = spawn(process.execPath, [LAUNCHER, ...argv], { env: withPath(env), stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return { child, stdout: () => stdout, stderr: () => stderr, ended };
}

const withPath = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  ...env,
});
