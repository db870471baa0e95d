// Which data directory and which database belong together.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPool, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import { main } from '../../../client/cli/main.ts';
import { claimInstallation } from '../../../client/engine/installation.ts';
import { readSettings } from '../../../client/engine/settings.ts';
import { runCli } from '../../support/registry/run-cli.ts';
import { openTestEngine, type TestEngine } from '../../support/registry/test-engine.ts';

let engine: TestEngine;
let pool: Pool;
let other: string;
beforeEach(async () => {
  engine = await openTestEngine();
  pool = createPool(engine.databaseUrl);
  other = join(engine.folder, 'other');
  writeFileSync(join(engine.folder, 'edge.bin'), 'firmware');
});
afterEach(async () => {
  await pool.end();
  await engine.close();
});

const artifact = ['--name', 'edge', '--version', '1.0.0', '--hardware', 'edge-a'];
const add = (): string[] => ['artifact', 'add', join(engine.folder, 'edge.bin'), ...artifact];
const claim = (dataDirectory: string): Promise<string> => {
  const env = { SLUICE_DATABASE_URL: engine.databaseUrl };
  return claimInstallation(readSettings(env, { dataDirectory }), pool);
};

async function fromOther(...argv: string[]): Promise<{ exitCode: number; error: Record<string, string> }> {
  let stdout = '';
  const exitCode = await main(['--data-dir', other, '--output', 'json', ...argv], {
    stdout: { write: (text) => void (stdout += text) },
    stderr: { write: () => undefined },
    env: { SLUICE_DATABASE_URL: engine.databaseUrl, SLUICE_USER: 'ada' },
  });
  return { exitCode, error: (JSON.parse(stdout) as { error?: Record<string, string> }).error ?? {} };
}

describe('a data directory and a database', () => {
  it('get one id at the first use of both, and keep it when the folder moves', async () => {
    await claim(engine.folder);
    const id = readFileSync(join(engine.folder, 'installation-id'), 'utf8');
    cpSync(join(engine.folder, 'installation-id'), join(other, 'installation-id'));
    await claim(other);
    const { rows } = await pool.query('select installation_id as id, data_directory as place from installation');
    expect(rows).toEqual([{ id: id.trim(), place: other }]);
  });

  it('get one id only, whoever comes first of several', async () => {
    await Promise.all([claim(engine.folder), claim(engine.folder), claim(engine.folder)]);
    expect((await pool.query('select 1 from installation')).rowCount).toBe(1);
  });

  it('belong together when the claim was cut short after the folder had its id', async () => {
    mkdirSync(other);
    writeFileSync(join(other, 'installation-id'), 'ins_half\n');
    await claim(other);
    expect((await pool.query('select installation_id as id from installation')).rows).toEqual([{ id: 'ins_half' }]);
  });
});

describe('a command from the folder of another installation', () => {
  const commands: [string, string[]][] = [
    ['artifact verify', []],
    ['device credentials', ['d1']],
    ['device simulate', ['--count', '1']],
  ];

  it('is refused before it makes a key or keeps bytes there, naming both and the way out', async () => {
    await claim(engine.folder);
    const { exitCode, error } = await fromOther(...add());
    expect(exitCode).toBe(5);
    expect(error).toMatchObject({ code: 'DATA_DIR_FOREIGN', where: '--data-dir' });
    expect(error['found']).toContain(`the database is that of ${engine.folder}`);
    expect(error['hint']).toContain(`--data-dir ${engine.folder}`);
    expect(existsSync(join(other, 'keys'))).toBe(false);
    expect(existsSync(join(other, 'artifacts'))).toBe(false);
    expect(existsSync(join(other, 'installation-id'))).toBe(false);
  });

  it.each(commands)('%s is refused', async (words, rest) => {
    await runCli(engine, ...add());
    await runCli(engine, 'device', 'add', 'd1', '--hardware', 'edge-a', '--firmware', '1.0.0');
    const { error } = await fromOther(...words.split(' '), ...rest);
    expect(error['code']).toBe('DATA_DIR_FOREIGN');
  });

  it('may read a database that a variable names, as long as it has no installation of its own', async () => {
    await claim(engine.folder);
    expect((await fromOther('run', 'list')).exitCode).toBe(0);
    mkdirSync(other, { recursive: true });
    writeFileSync(join(other, 'installation-id'), 'ins_other\n');
    expect((await fromOther('run', 'list')).error['code']).toBe('DATA_DIR_FOREIGN');
  });
});

describe('adding a known firmware again', () => {
  it('brings back bytes that are gone', async () => {
    const added = (await runCli(engine, ...add(), '--output', 'json')).json();
    rmSync(join(engine.folder, 'artifacts', String(added['sha256'])));
    expect((await runCli(engine, 'artifact', 'verify')).exitCode).toBe(2);
    expect((await runCli(engine, ...add(), '--output', 'json')).json()).toMatchObject({ mended: ['bytes'] });
    expect((await runCli(engine, 'artifact', 'verify')).exitCode).toBe(0);
  });

  it('signs it anew when devices would refuse its signature', async () => {
    await runCli(engine, ...add());
    await pool.query('update artifacts set signature = $1', [Buffer.alloc(64).toString('base64')]);
    const again = await runCli(engine, ...add());
    expect(again.stdout).toContain('✓ edge 1.0.0 mended: signature');
    expect((await runCli(engine, 'artifact', 'verify')).exitCode).toBe(0);
    expect((await runCli(engine, ...add())).stdout).toContain('no change');
  });
});
