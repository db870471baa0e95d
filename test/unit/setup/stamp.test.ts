import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isSetUp, writeStamp } from '../../../workers/setup/stamp.mjs';
import { tempProject, writeFiles } from './temp-project.ts';

describe('the stamp of a complete set-up', () => {
  let root = '';
  let tool = '';
  beforeEach(() => {
    root = tempProject();
    tool = join(root, 'tool');
    writeFiles(root, { tool: '', 'node_modules/left/package.json': '{}' });
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('is missing at first', () => {
    expect(isSetUp(root)).toBe(false);
  });

  it('holds while nothing changes', () => {
    writeStamp(root, [tool]);
    expect(isSetUp(root)).toBe(true);
  });

  it('does not hold when a tool is gone', () => {
    writeStamp(root, [tool]);
    rmSync(tool);
    expect(isSetUp(root)).toBe(false);
  });

  it.each(['package.json', 'package-lock.json', 'workers/setup/versions.ts', 'workers/setup/system-components.ts'])(
    'does not hold when %s changed',
    (file) => {
      writeStamp(root, [tool]);
      writeFiles(root, { [file]: 'other' });
      expect(isSetUp(root)).toBe(false);
    },
  );

  it('does not hold when it was cut off while being written', () => {
    writeFiles(root, { 'node_modules/.sluice-setup': '{"inputs":"12' });
    expect(isSetUp(root)).toBe(false);
  });
});
