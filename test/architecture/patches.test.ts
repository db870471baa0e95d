import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PATCHES } from '../../workflows/runtime/patches.ts';

const root = join(import.meta.dirname, '../..');
const LIST = join(root, 'workflows/runtime/patches.ts');
const CALL = /\b(?:patched|deprecatePatch)\(\s*['"`]([^'"`]+)['"`]/g;

/** The ids that the code below `folder` gives to `patched(…)` or `deprecatePatch(…)`. Throws when there is no code. */
function idsIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.ts'));
  if (files.length === 0) throw new Error(`no code in ${folder}`);
  const sources = files.map((file) => join(file.parentPath, file.name)).filter((file) => file !== LIST);
  return sources.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(CALL)].map(([, id = '']) => id));
}

/** What is wrong with a list of patches for code that uses `ids`; empty when nothing is. */
function complaints(listed: readonly string[], ids: readonly string[]): string[] {
  return [
    ...listed.filter((id, at) => listed.indexOf(id) !== at).map((id) => `${id} is listed twice`),
    ...[...new Set(ids)].filter((id) => !listed.includes(id)).map((id) => `${id} is not listed`),
    ...listed.filter((id) => !ids.includes(id)).map((id) => `${id} is nowhere in the code`),
  ];
}

it('every patch of the workflows is listed once, and none that is not there', () => {
  const listed = PATCHES.map(({ id }) => id);
  expect(complaints(listed, idsIn(join(root, 'workflows')))).toEqual([]);
});

describe('the check of the list', () => {
  const ids = idsIn(join(import.meta.dirname, 'fixtures/patches'));

  it('finds both ways of naming a patch', () => {
    expect(ids).toEqual(['1-older-way', '2-newer-way']);
  });

  it.each([
    [[], ['1-older-way is not listed', '2-newer-way is not listed']],
    [['1-older-way', '2-newer-way', '2-newer-way'], ['2-newer-way is listed twice']],
    [['1-older-way', '2-newer-way', '3-gone'], ['3-gone is nowhere in the code']],
    [['1-older-way', '2-newer-way'], []],
  ])('of %j complains %j', (listed, said) => {
    expect(complaints(listed, ids)).toEqual(said);
  });

  it('is not content with a folder that holds no code', () => {
    expect(() => idsIn(join(import.meta.dirname, 'fixtures/nowhere'))).toThrow('ENOENT');
  });
});
