// What the registry's commands say of a change, of bad input, and of files that cannot be read.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../support/registry/run-cli.ts';
import { openTestEngine, type TestEngine } from '../../support/registry/test-engine.ts';

let engine: TestEngine;
beforeAll(async () => void (engine = await openTestEngine()));
afterAll(() => engine.close());

const sluice = (...argv: string[]) => runCli(engine, ...argv);
const json = async (...argv: string[]) => (await runCli(engine, ...argv, '--output', 'json')).json();

function fileOf(name: string, text: string): string {
  const file = join(engine.folder, name);
  writeFileSync(file, text);
  return file;
}

describe('device add of a known device', () => {
  const add = (thing: string, ...more: string[]) => ['device', 'add', thing, '--firmware', '1.0.0', ...more];

  it('keeps its tags unless others are given, and says what it changed', async () => {
    await sluice(...add('k1', '--hardware', 'edge-a', '--tag', 'site=a', '--tag', 'row=1'));
    const moved = await sluice(...add('k1', '--hardware', 'edge-b'));
    expect(moved.stdout).toContain('✓ k1 changed: hardware edge-a → edge-b   ·');
    expect(await json('device', 'show', 'k1')).toMatchObject({ hardware: 'edge-b', tags: { site: 'a', row: '1' } });
    const retagged = await json(...add('k1', '--hardware', 'edge-b', '--tag', 'site=b'));
    expect(retagged['changes']).toEqual([{ field: 'tags', from: 'row=1;site=a', to: 'site=b' }]);
  });

  it('takes all tags away when asked to', async () => {
    await sluice(...add('k2', '--hardware', 'edge-a', '--tag', 'site=a'));
    const bare = await sluice(...add('k2', '--hardware', 'edge-a', '--no-tags'));
    expect(bare.stdout).toContain('tags site=a → none');
    expect(await json('device', 'show', 'k2')).toMatchObject({ tags: {} });
  });
});

describe('an import of JSON on one line', () => {
  it('names each bad row by its place in the array', async () => {
    const good = { thing: 'j1', hardware: 'edge-a', firmware: '1.0.0' };
    const rows = [good, { ...good, thing: 'j 2' }, good, { ...good, thing: 'j3', firmware: 7 }];
    const said = await sluice('device', 'import', fileOf('one-line.json', JSON.stringify(rows)));
    expect(said.stdout).toContain('  element [1] on line 1, thing: expected ');
    expect(said.stdout).toContain('element [2] on line 1, thing: expected each thing once, got j1, first: element [0]');
    expect(said.stdout).toContain('  element [3] on line 1, firmware: expected ');
    expect(said.stderr).toContain('3 rows refused, 1 kept');
    const one = await sluice('device', 'import', fileOf('one.json', JSON.stringify([{ ...good, thing: '' }])));
    expect(one.stderr).toContain('1 row refused, 0 kept');
  });
});

describe('a file that cannot be read', () => {
  const firmware = ['--name', 'edge', '--version', '1.0.0', '--hardware', 'edge-a'];
  it.each([
    ['device import', [], 'IMPORT_UNREADABLE'],
    ['artifact add', firmware, 'ARTIFACT_UNREADABLE'],
    ['env apply -f', [], 'CONFIG_UNREADABLE'],
    ['plan create --config', [], 'CONFIG_UNREADABLE'],
  ])('is told in plain words by %s', async (words, rest, code) => {
    mkdirSync(join(engine.folder, 'folder'), { recursive: true });
    const missing = await sluice(...words.split(' '), join(engine.folder, 'nowhere'), ...rest);
    expect(missing.stderr).toContain(code);
    expect(missing.stderr).toContain('there is no such file');
    const folder = await sluice(...words.split(' '), join(engine.folder, 'folder'), ...rest);
    expect(folder.stderr).toContain('it is a folder');
    expect(missing.stderr + folder.stderr).not.toMatch(/ENOENT|EISDIR/);
  });
});

describe('a configuration file with several mistakes', () => {
  const yaml = 'environments:\n  a: { name: A, stage: staging, rollback_timeout: never }\npeeple: {}\n"x\\e[2J": 1\n';

  it('has one line for each, which says nothing twice and is obeyed by no terminal', async () => {
    const { stderr } = await sluice('env', 'apply', '-f', fileOf('bad.yaml', yaml));
    const lines = stderr.split('\n');
    expect(lines[0]).toMatch(/^✗ CONFIG_INVALID {2}\d places are not as they must be$/);
    const line = lines.find((one) => one.includes('rollback_timeout'));
    expect(line).toMatch(/^ {2}environments\.a\.rollback_timeout: expected .*, got "never"$/);
    expect(stderr).toContain('Did you mean people?');
    expect(stderr).toContain('\\u001b[2J');
    expect(stderr).not.toMatch(/\u001b/);
  });

  it('is told to programs place by place', async () => {
    const { error } = (await json('env', 'apply', '-f', fileOf('bad.yaml', yaml))) as {
      error: { problems: { path: string; expected: string; got: string; hint: string }[] };
    };
    const timeout = error.problems.find(({ path }) => path === 'environments.a.rollback_timeout');
    expect(timeout).toMatchObject({ got: '"never"' });
    expect(Object.keys(timeout ?? {})).toEqual(['path', 'expected', 'got', 'hint']);
  });
});

describe('a group whose name is none', () => {
  it('is answered with the nearest one that is', async () => {
    const { stderr } = await sluice('group', 'create', 'site a/b', '--filter', 'true');
    expect(stderr).toContain("sluice group create site-a-b --filter 'true'");
  });
});

describe('run list --environment', () => {
  it('knows whether there is such an environment', async () => {
    const unknown = await json('run', 'list', '--environment', 'nonsense');
    expect(unknown['error']).toMatchObject({ code: 'ENVIRONMENT_UNKNOWN' });
    const config = JSON.stringify({ environments: { quiet: { name: 'Quiet', stage: 'staging' } } });
    await sluice('env', 'apply', '-f', fileOf('quiet.json', config));
    expect(await json('run', 'list', '--environment', 'quiet')).toEqual({ runs: [] });
  });
});

describe('sluice help', () => {
  it('prints the help page of a command', async () => {
    const page = await sluice('help', 'deploy');
    expect(page.exitCode).toBe(0);
    expect(page.stdout).toContain('Usage: sluice deploy');
    expect((await sluice('help')).stdout).toContain('Usage: sluice ');
  });
});

describe('names in a list', () => {
  it('cannot clear the screen that they are shown on', async () => {
    const pool = await engine.deps.database();
    await pool.query(`update devices set tags = jsonb_build_object('site', E'a\\u001b[2Jb') where thing = 'k2'`);
    const { stdout } = await sluice('device', 'list');
    expect(stdout).toContain('site=a\\u001b[2Jb');
    const shown = await runCli(engine, 'device', 'show', 'k2', '--output', 'json');
    expect(shown.json()).toMatchObject({ tags: { site: 'a\u001b[2Jb' } });
  });
});
