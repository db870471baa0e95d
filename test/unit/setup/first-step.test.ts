import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeStamp } from '../../../workers/setup/stamp.mjs';
import { fakeNpm, tempProject, writeFiles } from './temp-project.ts';

describe('the first step of the set-up', () => {
  let root = '';
  beforeEach(() => {
    root = tempProject();
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const setUp = (path: string, ...args: string[]) => {
    const run = spawnSync(process.execPath, [join(root, 'workers/setup/setup.mjs'), ...args], {
      env: { PATH: path },
      encoding: 'utf8',
    });
    return { code: run.status, output: run.stdout, error: run.stderr };
  };

  it('says how to get npm where there is none', () => {
    const { code, error } = setUp(join(root, 'empty'));
    expect(code).toBe(1);
    expect(error).toMatch(/^✗ SETUP_NPM_MISSING .*\n {2}found .*\n {2}try .*apt-get install npm/s);
  });

  it('shows what npm said first, and names the connection when that is the cause', () => {
    const npm = fakeNpm(root, 'echo "npm error code EAI_AGAIN" >&2; exit 3');
    const { code, error } = setUp(npm);
    expect(code).toBe(1);
    expect(error).toMatch(/SETUP_NODE_MODULES {2}npm ci ended with code 3/);
    expect(error).toContain('EAI_AGAIN');
    expect(error).toContain('check the connection to the npm registry');
  });

  it('does not take an npm that ended well and installed nothing for an install', () => {
    expect(setUp(fakeNpm(root, 'exit 0')).error).toContain('SETUP_NODE_MODULES');
  });

  it('hands over to the Node that it installed, with the same arguments', () => {
    const lock = `{"packages":{"node_modules/left":{"version":"1.0.0"}}}`;
    const node = `#!/bin/sh\\necho "second step: $@"`;
    const script = `/bin/mkdir -p node_modules/.bin; printf '%s' '${lock}' > node_modules/.package-lock.json
      printf '${node}' > node_modules/.bin/node; /bin/chmod 755 node_modules/.bin/node`;
    const { code, output } = setUp(fakeNpm(root, script), '--quiet');
    expect(output).toMatch(/✓ node modules .* s\nsecond step: .*steps\.ts --quiet/);
    expect(code).toBe(0);
  });

  it('says nothing and starts nothing when all is in place', () => {
    writeFiles(root, { 'node_modules/left/package.json': '{}' });
    writeStamp(root, []);
    expect(setUp(join(root, 'empty'), '--quiet')).toEqual({ code: 0, output: '', error: '' });
    expect(setUp(join(root, 'empty')).output).toContain('in place');
  });
});
