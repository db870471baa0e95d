import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import settings from '../../vitest.config.ts';
import { makeTempFolder } from '../support/servers/temp-folder.ts';
import { countResults } from '../summary.ts';

const root = join(import.meta.dirname, '../..');
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const config = join(import.meta.dirname, 'fixtures/requires/vitest.config.ts');

interface Played {
  readonly code: number;
  readonly report: string;
  readonly shown: string;
}

/** Runs the two fixture files as `npm test` runs test files: one needs what is there, one what is not. */
function play(ci: string): Promise<Played> {
  const folder = makeTempFolder('requires');
  const file = join(folder.path, 'report.json');
  const args = ['run', '--config', config, '--reporter=json', '--reporter=verbose', `--outputFile.json=${file}`];
  const env = { ...process.env, CI: ci, NO_COLOR: '1' };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [vitest, ...args], { cwd: root, env }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, report: readFileSync(file, 'utf8'), shown: stdout + stderr });
      folder.remove();
    });
  });
}

it('a missing component is a visible skip with its reason, counted in the last line', async () => {
  const { code, report, shown } = await play('');
  expect(countResults(report, code)).toEqual({ passed: 1, failed: 0, skipped: 2 });
  expect(shown).toContain('needs a teapot: no teapot on the PATH');
});

it('a missing component is a failure in CI', async () => {
  const { code, report, shown } = await play('true');
  expect(countResults(report, code)).toMatchObject({ passed: 1, failed: 1 });
  expect(shown).toContain('a component is missing that CI has to have: needs a teapot: no teapot on the PATH');
});

it('holds for every project that starts real servers', () => {
  const projects = (settings.test?.projects ?? []) as readonly { test: { name: string; runner?: string } }[];
  const looking = projects
    .filter(({ test }) => test.runner?.endsWith('requires.runner.ts'))
    .map(({ test }) => test.name);
  expect(looking).toEqual(['integration', 'crash']);
});
