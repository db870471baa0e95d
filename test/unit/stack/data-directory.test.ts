import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openDataDirectory } from '../../../client/engine/data-directory.ts';
import { dataDirectoryFrom } from '../../../client/engine/settings.ts';
import { makeTempFolder } from '../../support/servers/temp-folder.ts';

const folder = makeTempFolder('data');
const root = realpathSync(folder.path);
afterAll(() => folder.remove());

describe('the data directory', () => {
  it('is made with all that lies above it, and told without symbolic links', () => {
    symlinkSync(root, join(root, 'link'));
    expect(openDataDirectory(join(root, 'link', 'a', 'b'))).toBe(join(root, 'a', 'b'));
    expect(openDataDirectory(join(root, 'a', 'b'))).toBe(join(root, 'a', 'b'));
  });

  it.each([
    ['a file', join(root, 'file'), 'a file of that name is there'],
    ['below a file', join(root, 'file', 'data'), 'a part of its path is a file'],
    ['where no folder can be made', '/proc/sluice', 'no folder can be made there'],
    ['where nothing can be written', '/proc/self', 'no folder can be made there'],
  ])('is refused with the reason when it is %s', (_what, directory, why) => {
    writeFileSync(join(root, 'file'), '');
    expect(() => openDataDirectory(directory)).toThrow(
      expect.objectContaining({ code: 'DATA_DIR_UNUSABLE', message: `nothing can be kept in ${directory}: ${why}` }),
    );
  });
});

describe('without --data-dir', () => {
  const make = (path: string): string => {
    mkdirSync(join(root, path), { recursive: true });
    return join(root, path);
  };

  it('it is that of the nearest folder above that has one', () => {
    make('project/.sluice');
    expect(dataDirectoryFrom(make('project/src/deep'))).toBe(join(root, 'project/.sluice'));
    make('project/src/.sluice');
    expect(dataDirectoryFrom(make('project/src/deep'))).toBe(join(root, 'project/src/.sluice'));
  });

  it('it is that of the clone that the folder lies in', () => {
    const clone = make('clone');
    writeFileSync(join(clone, 'package.json'), JSON.stringify({ name: 'sluice' }));
    expect(dataDirectoryFrom(make('clone/examples'))).toBe(join(clone, '.sluice'));
  });

  it('it is the folder’s own where nothing above is a project', () => {
    const nowhere = make('nowhere');
    writeFileSync(join(nowhere, 'package.json'), JSON.stringify({ name: 'another' }));
    expect(dataDirectoryFrom(nowhere)).toBe(join(nowhere, '.sluice'));
  });
});
