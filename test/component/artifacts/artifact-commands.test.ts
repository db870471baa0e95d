import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../support/registry/run-cli.ts';
import { openTestEngine, type TestEngine } from '../../support/registry/test-engine.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine.close());

const json = (...argv: string[]) => runCli(engine, ...argv, '--output', 'json');

function fileOf(content: string): string {
  const file = join(engine.folder, 'edge.bin');
  writeFileSync(file, content);
  return file;
}

const add = (content: string, version: string, ...more: string[]) =>
  json(
    'artifact',
    'add',
    fileOf(content),
    '--name',
    'edge',
    '--version',
    version,
    '--hardware',
    'edge-b,edge-a',
    ...more,
  );

describe('artifact add', () => {
  it('stores firmware and says who added it', async () => {
    const added = await add('one', '1.0.0', '--hardware', 'edge-c');
    expect(added.json()).toMatchObject({
      name: 'edge',
      version: '1.0.0',
      hardware: ['edge-a', 'edge-b', 'edge-c'],
      size_bytes: 3,
      added: true,
      provenance: { by: 'ada', verified: false, source: { kind: 'file', file: 'edge.bin' } },
    });
  });

  it('changes nothing for the same bytes and refuses others', async () => {
    await add('two', '2.0.0');
    const again = await add('two', '2.0.0');
    expect(again).toMatchObject({ exitCode: 0 });
    expect(again.json()).toMatchObject({ added: false });
    const other = await add('other', '2.0.0');
    expect(other.exitCode).toBe(5);
    expect(other.json()['error']).toMatchObject({ code: 'ARTIFACT_EXISTS', where: '--version' });
  });

  it('refuses more than --max-size, and a size that is none', async () => {
    const refused = await add('three', '3.0.0', '--max-size', '4B');
    expect(refused.exitCode).toBe(2);
    expect(refused.json()['error']).toMatchObject({
      code: 'ARTIFACT_TOO_LARGE',
      hint: expect.stringContaining('--max-size') as string,
    });
    for (const size of ['large', '0', '1.5XB', '-1']) {
      expect((await add('three', '3.0.0', '--max-size', size)).json()['error']).toMatchObject({ code: 'USAGE' });
    }
  });

  it('says in lines how far it is, and nothing of it with JSON', async () => {
    const large = ['--name', 'large', '--version', '1.0.0', '--hardware', 'edge-a', '--max-size', '0.5GiB'];
    const file = fileOf('x'.repeat(20 * 1024 * 1024));
    const told = await runCli(engine, 'artifact', 'add', file, ...large);
    expect(told.stderr).toBe('  8 MiB of 20 MiB\n  16 MiB of 20 MiB\n');
    expect((await json('artifact', 'add', file, ...large)).stderr).toBe('');
    await (await engine.deps.database()).query(`delete from artifacts where name = 'large'`);
  });

  it('takes --version as its own, not as the question for ours', async () => {
    const listed = await runCli(engine, 'artifact', 'show', '--name', 'edge', '--version', '2.0.0');
    expect(listed.stdout).toContain('edge 2.0.0');
  });
});

describe('artifact list and show', () => {
  it('list what there is, and name it when something is asked for that is not', async () => {
    const { artifacts } = (await json('artifact', 'list', '--name', 'edge')).json() as {
      artifacts: { version: string }[];
    };
    expect(artifacts.map(({ version }) => version)).toEqual(['1.0.0', '2.0.0']);
    const unknown = await json('artifact', 'show', '--name', 'edge', '--version', '9.9.9');
    expect(unknown.exitCode).toBe(4);
    expect(unknown.json()['error']).toMatchObject({ code: 'ARTIFACT_UNKNOWN', found: 'edge: 1.0.0, 2.0.0' });
  });
});

describe('artifact verify', () => {
  it('passes what is intact', async () => {
    const verified = await json('artifact', 'verify', '--name', 'edge', '--version', '1.0.0');
    expect(verified.exitCode).toBe(0);
    expect(verified.json()).toMatchObject({ artifacts: [{ version: '1.0.0', state: 'intact' }] });
  });

  it('names the one whose bytes were altered and ends with an error code', async () => {
    const { sha256 } = (await json('artifact', 'show', '--name', 'edge', '--version', '2.0.0')).json() as {
      sha256: string;
    };
    const file = join(engine.folder, 'artifacts', sha256);
    writeFileSync(file, readFileSync(file, 'utf8').replace('two', 'twp'));
    const verified = await json('artifact', 'verify');
    expect(verified.exitCode).toBe(2);
    expect(verified.json()).toMatchObject({
      artifacts: [
        { version: '1.0.0', state: 'intact' },
        { version: '2.0.0', state: 'damaged' },
      ],
      error: { code: 'ARTIFACT_CORRUPT', where: `artifacts/${sha256}`, found: '1 of 2 damaged' },
    });
    expect((await runCli(engine, 'artifact', 'verify')).stderr).toContain('ARTIFACT_CORRUPT');
  });

  it('wants a name with a version', async () => {
    expect((await json('artifact', 'verify', '--version', '1.0.0')).json()['error']).toMatchObject({ code: 'USAGE' });
    expect((await json('artifact', 'verify', '--name', 'none')).json()['error']).toMatchObject({
      code: 'ARTIFACT_UNKNOWN',
    });
  });
});
