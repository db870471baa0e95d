import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { FEATURES } from '../../client/cli/main.ts';
import { buildProgram } from '../../client/cli/program.ts';

const root = join(import.meta.dirname, '../..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

/** Lines of shell blocks without their comments, and code within the text. */
const codes = [
  ...[...readme.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = '']) => block.split('\n')),
  ...[...readme.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code),
].map((line) => line.replace(/\s+#\s.*$/, '').trim());

const wordsOf = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, bare]) => single ?? double ?? bare ?? '');
const commandsAfter = (prefix: string): string[] => [...new Set(codes.filter((code) => code.startsWith(prefix)))];

/** Reads the words as the command line does, with actions that do nothing. Throws what a person would be told. */
async function parse(words: readonly string[]): Promise<void> {
  const silent = { stdout: { write: () => undefined }, stderr: { write: () => undefined }, env: {} };
  const program = buildProgram(FEATURES, () => Promise.reject(new Error('nothing is done here')) as never, silent);
  const disarm = (command: Command): void => {
    if (command.commands.length === 0) command.action(() => undefined);
    command.commands.forEach(disarm);
  };
  disarm(program);
  await program.parseAsync([...words], { from: 'user' }).catch((error: { code?: string }) => {
    if (error.code !== 'commander.helpDisplayed') throw error;
  });
}

describe('the commands of README.md', () => {
  it('are found at all, and a wrong one would be', async () => {
    expect(commandsAfter('npx sluice').length).toBeGreaterThan(8);
    expect(commandsAfter('npm ').length).toBeGreaterThan(2);
    await expect(parse(['deploy', 'exceute'])).rejects.toThrow();
    await expect(parse(['plan', 'create', '--file', 'plan.json'])).rejects.toThrow();
  });

  it.each(commandsAfter('npx sluice'))('%s is one that the command line takes', async (line) => {
    await expect(parse(wordsOf(line).slice(2))).resolves.toBeUndefined();
  });

  it.each(commandsAfter('npm '))('%s is a script of package.json, or npm’s own', (line) => {
    const [, verb = '', script = ''] = wordsOf(line);
    expect([...Object.keys(scripts), 'pack', 'install']).toContain(verb === 'run' ? script : verb);
  });

  it('name files that are there', () => {
    const files = codes.flatMap((code) => wordsOf(code)).filter((word) => word.startsWith('examples/'));
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});
