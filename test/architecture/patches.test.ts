import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PATCHES } from '../../workflows/runtime/patches.ts';

const root = join(import.meta.dirname, '../..');

/** Every id that workflow code gives to `patched(…)` or `deprecatePatch(…)`. */
function idsInCode(): string[] {
  const grep = [
    'grep',
    '-hoE',
    "(patched|deprecatePatch)\\('[^']+'\\)",
    '--',
    'workflows',
    ':!workflows/runtime/patches.ts',
  ];
  try {
    const found = execFileSync('git', grep, { cwd: root, encoding: 'utf8' });
    return found.split('\n').flatMap((call) => /'([^']+)'/.exec(call)?.[1] ?? []);
  } catch {
    return [];
  }
}

it('lists every patch of the workflows once, and none that is not there', () => {
  const listed = PATCHES.map(({ id }) => id);
  expect(new Set(listed).size).toBe(listed.length);
  expect([...new Set(idsInCode())].sort()).toEqual([...listed].sort());
});
