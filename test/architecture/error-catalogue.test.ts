import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue } from '#domain/errors/catalogue.ts';

const root = join(import.meta.dirname, '../..');
const sources = (folders: readonly string[]): string =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...folders], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => file.endsWith('.ts') && !/\.errors\.ts$|catalogue/.test(file))
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('\n');

describe('the error catalogue', () => {
  const product = sources(['workflows', 'activities', 'client', 'workers']);

  it.each(Object.keys(catalogue))('%s is thrown somewhere', (code) => {
    // A failing toContain would print every source.
    expect(product.includes(`'${code}'`)).toBe(true);
  });

  it.each(Object.entries(catalogue))('%s says what to do', (_code, entry) => {
    const hint = (entry.hint as (data: object) => string)({});
    expect(hint.length).toBeGreaterThan(5);
  });
});
