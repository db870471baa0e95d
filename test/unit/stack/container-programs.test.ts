import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findBusybox } from '../../../client/engine/stack/components/busybox-program.ts';
import { findDockerd } from '../../../client/engine/stack/components/docker-programs.ts';
import { findHaproxy } from '../../../client/engine/stack/components/haproxy-program.ts';
import { findRegistry } from '../../../client/engine/stack/components/registry-program.ts';
import { makeTempFolder, type TempFolder } from '../../support/servers/temp-folder.ts';

const PROGRAMS = [
  ['DOCKERD_PATH', findDockerd],
  ['HAPROXY_PATH', findHaproxy],
  ['REGISTRY_PATH', findRegistry],
] as const;

describe.each(PROGRAMS)('the program of %s', (variable, find) => {
  it('is the one that the variable names', () => {
    expect(find({ [variable]: process.execPath, PATH: '' })).toBe(process.execPath);
  });

  it('is missing when the variable names nothing that runs, whatever lies elsewhere', () => {
    const env = { ...process.env, [variable]: '/nowhere/program' };
    expect(() => find(env)).toThrow(
      expect.objectContaining({
        code: 'COMPONENT_MISSING',
        message: expect.stringContaining(`${variable}=/nowhere/program`) as string,
        report: expect.objectContaining({
          hint: expect.stringContaining(`${variable} names another`) as string,
        }) as object,
      }),
    );
  });
});

describe('the busybox of small images', () => {
  let folder: TempFolder;
  beforeEach(() => {
    folder = makeTempFolder('busybox');
  });
  afterEach(() => folder.remove());

  const program = (content: string): string => {
    const file = join(folder.path, 'busybox');
    writeFileSync(file, content);
    return file;
  };

  it('is one that starts without libraries', () => {
    const file = program('\x7fELF');
    expect(findBusybox(file)).toBe(file);
  });

  it('is missing when there is none, or one that needs the libraries of this machine', () => {
    const missing = (looked: string): Error =>
      expect.objectContaining({
        code: 'COMPONENT_MISSING',
        message: expect.stringContaining(looked) as string,
      }) as Error;
    expect(() => findBusybox(join(folder.path, 'none'))).toThrow(missing('none'));
    expect(() => findBusybox(program('\x7fELF /lib64/ld-linux-x86-64.so.2'))).toThrow(missing('needs libraries'));
  });
});
