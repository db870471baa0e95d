import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { startPostgres } from '../../support/servers/postgres.ts';
import { freePorts } from '../../support/servers/ports.ts';
import { makeTempFolder } from '../../support/servers/temp-folder.ts';
import { LAUNCHER, spawnSluice, startSluice } from './spawn-sluice.ts';

const folder = makeTempFolder('parts');
afterAll(() => folder.remove());

const DATA = { SLUICE_DATA_DIR: folder.path, SLUICE_USER: 'ada' };
const portsOf = (postgres: number, temporal: number): string[] => [
  '--postgres-port',
  String(postgres),
  '--temporal-port',
  String(temporal),
];

describe('a command without a stack', () => {
  it('fails, without a word of waiting, and says what starts it', async () => {
    const [postgres = 0, temporal = 0] = await freePorts(2);
    const said = await spawnSluice(['run', 'list', ...portsOf(postgres, temporal)], DATA);
    expect(said).toMatchObject({ exitCode: 6, stdout: '' });
    expect(said.stderr).toBe(
      `✗ STACK_NOT_RUNNING  PostgreSQL does not answer at 127.0.0.1:${postgres}/sluice\n  try    start it: npx sluice up\n`,
    );
  });

  it('has the same to say where it would make the tables', async () => {
    const [postgres = 0, temporal = 0] = await freePorts(2);
    const said = await spawnSluice(['db', 'migrate', ...portsOf(postgres, temporal)], DATA);
    expect(said.exitCode).toBe(6);
    expect(said.stderr).toContain('✗ STACK_NOT_RUNNING');
    expect(said.stderr).toContain('npx sluice up');
  });

  it('names Temporal when only that is missing', async () => {
    const server = await startPostgres({ durable: false });
    const [, temporal = 0] = await freePorts(2);
    const said = await spawnSluice(
      ['deploy', 'execute', '--plan-id', 'plan_none', ...portsOf(server.port, temporal), '--output', 'json'],
      DATA,
    );
    // The plan is looked for first: nothing of Temporal is needed to say that it does not exist.
    expect(JSON.parse(said.stdout)).toMatchObject({ error: { code: 'PLAN_NOT_FOUND' } });
    await server.stop();
  });
});

describe('a command while a part restarts under a living `sluice up`', () => {
  it('waits for it, says so once, and then does its work', async () => {
    writeFileSync(join(folder.path, 'up.pid'), `${process.pid}\n`);
    const [postgres = 0, temporal = 0] = await freePorts(2);
    const sluice = startSluice(['run', 'list', ...portsOf(postgres, temporal)], DATA);
    await eventually(() => expect(sluice.stderr()).not.toBe(''));
    const server = await startPostgres({ port: postgres, durable: false });
    expect(await sluice.ended).toBe(0);
    expect(sluice.stderr()).toBe(`waiting for PostgreSQL at 127.0.0.1:${postgres}/sluice\n`);
    expect(sluice.stdout()).toContain('no runs yet');
    await server.stop();
  });

  it('waits for it as well where it brings the tables', async () => {
    writeFileSync(join(folder.path, 'up.pid'), `${process.pid}\n`);
    const [postgres = 0, temporal = 0] = await freePorts(2);
    const sluice = startSluice(['db', 'migrate', ...portsOf(postgres, temporal)], DATA);
    await eventually(() => expect(sluice.stderr()).toContain('waiting for PostgreSQL'));
    const server = await startPostgres({ port: postgres, durable: false });
    expect(await sluice.ended).toBe(0);
    expect(sluice.stdout()).toContain('nothing to do; the schema stands at ');
    await server.stop();
  });
});

const OLD_NODE = ['/usr/bin/node', '/usr/local/bin/node'].filter(existsSync).find((node) => {
  const major = Number(execFileSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).split('.')[0]);
  return major < 22;
});

describe.skipIf(OLD_NODE === undefined)('the launcher on an older Node (skipped where there is none)', () => {
  it('runs the command on the project’s own Node and passes its exit code on', () => {
    const help = execFileSync(OLD_NODE ?? '', [LAUNCHER, 'deploy', '--help'], { encoding: 'utf8' });
    expect(help).toContain('Usage: sluice deploy');
    const run = (): unknown => execFileSync(OLD_NODE ?? '', [LAUNCHER, 'deploy', 'nothing'], { stdio: 'pipe' });
    expect(run).toThrow(expect.objectContaining({ status: 2 }) as Error);
  });
});
