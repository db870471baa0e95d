// `npm run check`: everything that can be said about the sources without running them.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { delimiter, join } from 'node:path';
import { LAYERS, countSources, judgeCruise } from './architecture/cruise.ts';

const root = join(import.meta.dirname, '..');

interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** Why a check that ended with code 0 fails all the same, or null. */
  readonly judge?: (output: string) => string | null;
}

/** What a tool remembers of files that did not change; a fresh clone starts without. */
const CACHE = 'node_modules/.cache/sluice';

/** Longest first, so that the last to end is a short one. */
const CHECKS: readonly Check[] = [
  { name: 'lint', command: ['eslint', '--max-warnings=0', '.'] },
  { name: 'types', command: ['tsc', '--pretty', 'false', '--incremental', '--tsBuildInfoFile', `${CACHE}/types.json`] },
  {
    name: 'import arrows',
    command: ['depcruise', '--config', '.dependency-cruiser.cjs', ...LAYERS],
    judge: (output) => judgeCruise(output, countSources(root)),
  },
  { name: 'workflow bundle', command: ['node', 'test/architecture/bundle.ts'] },
  { name: 'dead exports', command: ['knip', '--no-progress', '--no-config-hints'] },
  // What only tests use is no export, unless it says why: `@internal`.
  { name: 'exports for tests', command: ['knip', '--production', '--no-progress', '--no-config-hints'] },
  {
    name: 'format',
    command: ['prettier', '--check', '--log-level=warn', '--cache', '--cache-location', `${CACHE}/format`, '.'],
  },
];

export interface CheckCounts {
  readonly passed: number;
  readonly failed: number;
}

/** Runs every check, a line for each when it ends, and the output of those that fail. */
export async function runChecks(): Promise<CheckCounts> {
  const waiting = [...CHECKS];
  let failed = 0;
  const lane = async (): Promise<void> => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      if (!(await runCheck(check))) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: Math.min(3, availableParallelism()) }, lane));
  return { passed: CHECKS.length - failed, failed };
}

async function runCheck({ name, command, judge }: Check): Promise<boolean> {
  const startedMs = Date.now();
  const { code, output } = await runTool(command);
  const complaint = code === 0 ? (judge?.(output) ?? null) : output.trim();
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
  process.stdout.write(`  ${complaint === null ? '✓' : '✗'} ${name.padEnd(18)}${seconds.padStart(5)} s\n`);
  if (complaint !== null) process.stdout.write(`${complaint || `ended with code ${code}`}\n\n`);
  return complaint === null;
}

function runTool([command, ...args]: Check['command']): Promise<{ code: number | null; output: string }> {
  const PATH = `${join(root, 'node_modules/.bin')}${delimiter}${process.env['PATH'] ?? ''}`;
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env: { ...process.env, PATH }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.once('error', (cause) => resolve({ code: null, output: cause.message }));
    child.once('close', (code) => resolve({ code, output }));
  });
}

if (import.meta.main) process.exitCode = (await runChecks()).failed === 0 ? 0 : 1;
