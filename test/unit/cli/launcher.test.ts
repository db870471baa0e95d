import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeTempFolder } from '../../support/servers/temp-folder.ts';

const LAUNCHER = join(import.meta.dirname, '../../../client/cli/sluice.mjs');

it('the launcher in a clone without installed packages names the command that installs them, and leaves nothing', () => {
  const folder = makeTempFolder('clone');
  const cli = join(folder.path, 'client', 'cli');
  mkdirSync(cli, { recursive: true });
  copyFileSync(LAUNCHER, join(cli, 'sluice.mjs'));
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(cli, 'sluice.mjs'), 'up'], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 6, stdout: '' });
  expect(stderr).toMatch(
    /^✗ COMPONENT_MISSING {2}the installed packages were not found \(looked in .+\)\n {2}try {4}npm run setup\n$/,
  );
  expect(existsSync(join(folder.path, 'node_modules'))).toBe(false);
  folder.remove();
});
