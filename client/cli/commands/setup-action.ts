import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ownProgram } from '../../engine/own-tree.ts';
import type { CliContext } from '../context.ts';
import { EXIT_NOT_WELL } from '../render/stack.ts';

const STEPS = ownProgram('workers/setup/steps.ts');

/** Runs the set-up's steps; they print by themselves. Exit code: not 0 when something is still missing. */
export async function setUp(context: CliContext, isDryRun: boolean): Promise<void> {
  const args = ['--lock', ...(isDryRun ? ['--dry-run'] : []), ...(context.output === 'json' ? ['--json'] : [])];
  const child = spawn(process.execPath, [...process.execArgv, STEPS, ...args], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) context.exitWith(EXIT_NOT_WELL);
}
