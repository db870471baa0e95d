// `npm test [names] [vitest arguments]`: the checks, then the tests, then one line that counts both.
// Names: check, unit, architecture, integration, crash; none means all. Paths and options go to vitest as they are.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChecks } from './check.ts';
import { type Counts, add, countResults, parseArguments } from './summary.ts';

const root = join(import.meta.dirname, '..');
const { checks, projects, forVitest } = parseArguments(process.argv.slice(2));

let counts: Counts = { passed: 0, failed: 0, skipped: 0 };
if (checks) counts = add(counts, { ...(await runChecks()), skipped: 0 });
if (projects.length > 0) counts = add(counts, await runVitest());
process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
process.exitCode = counts.failed === 0 ? 0 : 1;

async function runVitest(): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  const report = join(folder, 'report.json');
  const selected = projects.flatMap((name) => ['--project', name]);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await run([
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    ...selected,
    ...reporters,
    ...forVitest,
  ]);
  try {
    return countResults(readReport(report), code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function run(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}
