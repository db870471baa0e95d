import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';
import { configuredRules, sluiceRules } from '../../eslint.config.js';

const root = join(import.meta.dirname, 'fixtures/lint');
const eslint = new ESLint({ cwd: root, overrideConfigFile: true, overrideConfig: sluiceRules(root) });

interface Report {
  readonly rule: string | null;
  readonly line: number;
}

// The first line of a fixture names the one rule that fires; the lines it must fire on end in `// bad`.
const fixtures = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, source: readFileSync(join(root, file), 'utf8') }))
  .map(({ file, source }) => ({ file, source, rule: /^\/\/ fires: (\S+)/.exec(source)?.[1] ?? 'nothing' }));

describe('lint rules', () => {
  it.each(fixtures)('$rule fires where $file is bad', async ({ file, source, rule }) => {
    const expected = linesMarkedBad(source).map((line) => ({ rule, line }));
    expect(expected.length > 0).toBe(rule !== 'nothing');
    expect(await reportsOn(source, file)).toEqual(expected);
  });

  it('refuses a file, a function and a parameter list that are too long', async () => {
    const lines = (count: number, text: string) => `${text}\n`.repeat(count);
    const file = 'activities/release.ts';
    expect(await reportsOn(lines(251, ''), file)).toEqual([{ rule: 'max-lines', line: 251 }]);
    const long = `export function long(): void {\n${lines(39, '  [].at(0);')}}\n`;
    expect(await reportsOn(long, file)).toEqual([{ rule: 'max-lines-per-function', line: 1 }]);
    const wide = 'export const sum = (a: number, b: number, c: number, d: number, e: number) => a + b + c + d + e;\n';
    expect(await reportsOn(wide, file)).toEqual([{ rule: 'max-params', line: 1 }]);
  });

  it('is tried in a fixture for every rule that this project configures', () => {
    const tried = new Set([...fixtures.map(({ rule }) => rule), 'max-lines', 'max-lines-per-function', 'max-params']);
    expect(configuredRules().filter((rule) => !tried.has(rule))).toEqual([]);
  });

  it('names every global that the sandbox lacks', async () => {
    const { source = '' } = fixtures.find(({ file }) => file === 'workflows/globals.ts') ?? {};
    const config = (await eslint.calculateConfigForFile(join(root, 'workflows/globals.ts'))) as {
      rules: { 'no-restricted-globals': [number, ...{ name: string }[]] };
    };
    const [, ...forbidden] = config.rules['no-restricted-globals'];
    expect(forbidden.map(({ name }) => name).filter((name) => !source.includes(`  ${name}, // bad`))).toEqual([]);
  });
});

/** What a comment in the file tries to switch off counts all the same, so only the rules' own reports are compared. */
async function reportsOn(source: string, file: string): Promise<Report[]> {
  const [result] = await eslint.lintText(source, { filePath: join(root, file) });
  const messages = (result?.messages ?? []).filter(({ ruleId, fatal }) => ruleId !== null || fatal === true);
  return messages.map(({ ruleId, line }) => ({ rule: ruleId, line }));
}

function linesMarkedBad(source: string): number[] {
  return source.split('\n').flatMap((text, index) => (text.endsWith('// bad') ? [index + 1] : []));
}
