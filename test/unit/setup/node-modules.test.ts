import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { modulesAreCurrent } from '../../../workers/setup/node-modules.mjs';
import { tempProject, writeFiles } from './temp-project.ts';

describe('node modules', () => {
  let root = '';
  beforeEach(() => {
    root = tempProject();
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const install = (packages: Record<string, { version: string }>) =>
    writeFiles(root, {
      'node_modules/.bin/node': '',
      'node_modules/.package-lock.json': JSON.stringify({ packages }),
    });

  it('are not current before the first install', () => {
    expect(modulesAreCurrent(root)).toBe(false);
  });

  it('are current when npm installed what the lock file names for this platform', () => {
    install({ 'node_modules/left': { version: '1.0.0' } });
    expect(modulesAreCurrent(root)).toBe(true);
  });

  it('are not current with another version', () => {
    install({ 'node_modules/left': { version: '1.0.1' } });
    expect(modulesAreCurrent(root)).toBe(false);
  });

  it('are not current when a package is missing', () => {
    install({});
    expect(modulesAreCurrent(root)).toBe(false);
  });

  it('are not current when an install was killed before its end', () => {
    writeFiles(root, { 'node_modules/.bin/node': '', 'node_modules/left/package.json': '{"version":"1.0.0"}' });
    expect(modulesAreCurrent(root)).toBe(false);
  });

  it('are not current when package.json asks for something that is not locked', () => {
    install({ 'node_modules/left': { version: '1.0.0' } });
    writeFiles(root, { 'package.json': JSON.stringify({ dependencies: { left: '2.0.0' } }) });
    expect(modulesAreCurrent(root)).toBe(false);
  });

  it('stay current when only a script changed', () => {
    install({ 'node_modules/left': { version: '1.0.0' } });
    writeFiles(root, { 'package.json': JSON.stringify({ scripts: { a: 'b' }, dependencies: { left: '1.0.0' } }) });
    expect(modulesAreCurrent(root)).toBe(true);
  });
});
