import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';
import { expect, it } from 'vitest';
import { main } from '../../../client/cli/main.ts';
import { MILK } from '../../../client/cli/milk/main.ts';
import { MilkFile } from '../../../client/cli/milk/milk-file.schema.ts';

async function milk(...words: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr') => ({ write: (text: string) => void (written[name] += text) });
  const terminal = { stdout: stream('stdout'), stderr: stream('stderr'), env: {} };
  return { exitCode: await main(words, terminal, MILK), ...written };
}

it('the package has it as a second command', () => {
  const root = join(import.meta.dirname, '../../..');
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { bin: Record<string, string> };
  expect(bin).toEqual({ milk: 'client/cli/milk/milk.mjs', sluice: 'client/cli/sluice.mjs' });
});

it('its help names every command, and an example that is a good file', async () => {
  const { exitCode, stdout } = await milk('deployment', '--help');
  expect(exitCode).toBe(0);
  for (const verb of ['deploy', 'rollback', 'status', 'logs', 'health-check', 'run-container']) {
    expect(stdout).toContain(verb);
  }
  expect(stdout).toContain('scale-up, scale-down, list-instances');
  const example = stdout.slice(stdout.indexOf('[deployment]'));
  expect(MilkFile.parse(parse(example)).deployment).toMatchObject({
    environment: 'production',
    docker: { image_tag: '1.4.0' },
  });
});

it('every command reads the file that --config names', async () => {
  const verbs = ['deploy', 'rollback', 'status', 'logs', 'health-check', 'docker run-container'];
  const scaling = ['scale-up', 'scale-down', 'list-instances'].map((verb) => `scaling ${verb}`);
  for (const verb of [...verbs, ...scaling]) {
    const { exitCode, stderr } = await milk('deployment', ...verb.split(' '), '--config', '/nowhere/milk.toml');
    expect(stderr, verb).toContain('✗ CONFIG_UNREADABLE  cannot read /nowhere/milk.toml');
    expect(exitCode).toBe(2);
  }
});

it.each([
  [['deployment', 'scaling'], 'milk deployment scaling needs a command', 'scale-up, scale-down, list-instances'],
  [['deployment', 'deplyo'], "unknown command 'deplyo'", 'did you mean deploy?'],
  [['deployment', 'scaling', 'scale-up', '--count', '0'], 'expected a whole number from 1 to 500', 'scale-up --help'],
])('%j is answered with what is meant', async (words, why, hint) => {
  const { exitCode, stderr } = await milk(...words);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('✗ USAGE');
  expect(stderr).toContain(why);
  expect(stderr).toContain(hint);
});
