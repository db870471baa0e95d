import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { makeTempFolder } from '../../support/servers/temp-folder.ts';

const CLI = join(import.meta.dirname, '../../../client/cli');

it.each(['sluice.mjs', 'milk/milk.mjs'])(
  '%s in a clone without installed packages names the command that installs them, and leaves nothing',
  (entry) => {
    const folder = makeTempFolder('clone');
    const cli = join(folder.path, 'client', 'cli');
    mkdirSync(dirname(join(cli, entry)), { recursive: true });
    for (const file of ['launch.mjs', entry]) copyFileSync(join(CLI, file), join(cli, file));
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(cli, entry), 'up'], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 6, stdout: '' });
    expect(stderr).toMatch(
      /^✗ COMPONENT_MISSING {2}the installed packages were not found \(looked from .+ upwards\)\n {2}try {4}npm run setup\n$/,
    );
    expect(existsSync(join(folder.path, 'node_modules'))).toBe(false);
    folder.remove();
  },
);
