import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../support/registry/run-cli.ts';
import { openTestEngine, type TestEngine } from '../../support/registry/test-engine.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine();
  await sluice(
    'device',
    'import',
    fileOf('thing,hardware,firmware,tags\np1,edge-a,1.0.0,site=a\np2,edge-a,1.0.0,site=b\np3,edge-b,1.0.0,\n'),
  );
});
afterAll(() => engine.close());

const sluice = (...argv: string[]) => runCli(engine, ...argv);
const json = (...argv: string[]) => runCli(engine, ...argv, '--output', 'json');

function fileOf(text: string): string {
  const file = join(engine.folder, 'import.csv');
  writeFileSync(file, text);
  return file;
}

describe('device add', () => {
  it('registers a device once, and says when nothing changed', async () => {
    const add = [
      'device',
      'add',
      'x1',
      '--hardware',
      'edge-c',
      '--firmware',
      '1.0.0',
      '--tag',
      'site=c',
      '--tag',
      'row=1',
    ];
    expect((await json(...add)).json()).toMatchObject({ thing: 'x1', added: 1, credentials: 'with-next-start' });
    const again = await sluice(...add);
    expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('no change') as string });
    expect((await json('device', 'show', 'x1')).json()).toMatchObject({
      tags: { site: 'c', row: '1' },
      executions: [],
    });
  });

  it('refuses what is no device, naming field and code', async () => {
    const refused = await json('device', 'add', 'x 2', '--hardware', 'edge-c', '--firmware', '1.0.0');
    expect(refused.exitCode).toBe(2);
    expect(refused.json()['error']).toMatchObject({ code: 'DEVICE_INVALID', where: 'thing', found: '"x 2"' });
  });
});

describe('device import', () => {
  const bad = 'thing,hardware,firmware,tags\nq1,edge-z,1.0.0,\nq 2,edge-z,1.0.0,\n';

  it('keeps the good rows, names each bad one and ends with an error code', async () => {
    const result = await sluice('device', 'import', fileOf(bad));
    expect(result.exitCode).toBe(2);
    expect(result.stdout).toContain('1 added');
    expect(result.stdout).toContain('line 3, thing: expected 1 to 128 characters');
    expect(result.stderr).toContain('IMPORT_ROWS_REFUSED');
    expect((await sluice('device', 'show', 'q1')).exitCode).toBe(0);
  });

  it('says the same as one JSON document', async () => {
    const result = await json('device', 'import', fileOf(bad));
    expect(result.exitCode).toBe(2);
    expect(result.json()).toMatchObject({
      unchanged: 1,
      refused: [{ line: 3, where: 'thing', got: '"q 2"' }],
      error: { code: 'IMPORT_ROWS_REFUSED', message: '1 row refused, 1 kept' },
    });
  });
});

describe('device import of a file that is wrong throughout', () => {
  it('says enough for people, and everything as JSON', async () => {
    const rows = Array.from({ length: 3_000 }, (_, at) => `bad ${at},edge-a,1.0.0,`);
    const file = fileOf(['thing,hardware,firmware,tags', ...rows, ''].join('\n'));
    const told = await sluice('device', 'import', file);
    expect(told.stdout.trim().split('\n')).toHaveLength(22);
    expect(told.stdout).toContain('… and 2980 more: --output json names every one');
    const { refused, error } = (await json('device', 'import', file)).json() as { refused: object[]; error: object };
    expect(refused).toHaveLength(3_000);
    expect(refused.at(-1)).toMatchObject({ line: 3_001, got: '"bad 2999"' });
    expect(error).toMatchObject({ code: 'IMPORT_ROWS_REFUSED' });
  });
});

describe('device list', () => {
  const things = async (...options: string[]) => {
    const { devices } = (await json('device', 'list', ...options)).json() as { devices: { thing: string }[] };
    return devices.map(({ thing }) => thing).filter((thing) => thing.startsWith('p'));
  };

  it('narrows by hardware, filter and group, which must all hold', async () => {
    await sluice('group', 'create', 'site-a', '--filter', 'device.tags.site == "a"');
    expect(await things()).toEqual(['p1', 'p2', 'p3']);
    expect(await things('--hardware', 'edge-a')).toEqual(['p1', 'p2']);
    expect(await things('--filter', 'device.tags.site == "b"')).toEqual(['p2']);
    expect(await things('--group', 'site-a')).toEqual(['p1']);
    expect(await things('--group', 'site-a', '--hardware', 'edge-b')).toEqual([]);
  });

  it('says when its limit left devices out', async () => {
    expect((await json('device', 'list', '--limit', '2')).json()).toMatchObject({ complete: false });
    expect((await sluice('device', 'list', '--limit', '2')).stdout).toContain('… and more');
    const wrong = await json('device', 'list', '--limit', 'two');
    expect(wrong).toMatchObject({ exitCode: 2 });
    expect(wrong.json()['error']).toMatchObject({ code: 'USAGE' });
  });
});

describe('device show', () => {
  it('refuses an unknown device with its code', async () => {
    const result = await sluice('device', 'show', 'nobody');
    expect(result).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('DEVICE_UNKNOWN') as string });
  });
});

describe('device credentials', () => {
  it('gives one object for a device, the same at every call', async () => {
    const first = (await json('device', 'credentials', 'p1')).json();
    expect(Object.keys(first)).toEqual(['thing', 'username', 'password']);
    expect(first).toMatchObject({
      thing: 'p1',
      username: 'p1',
      password: expect.stringMatching(/^[\w-]{32}$/) as string,
    });
    expect((await json('device', 'credentials', 'p1')).json()).toEqual(first);
  });

  it('gives a list for a group, a password of its own for each', async () => {
    await sluice('group', 'create', 'edge-a', '--filter', 'device.hardware == "edge-a"');
    const { devices } = (await json('device', 'credentials', '--group', 'edge-a')).json() as {
      devices: { thing: string; password: string }[];
    };
    expect(devices.map(({ thing }) => thing)).toEqual(['p1', 'p2']);
    expect(new Set(devices.map(({ password }) => password)).size).toBe(2);
  });

  it('says that they are valid only once something runs', async () => {
    expect((await sluice('device', 'credentials', 'p1')).stderr).toContain('npx sluice up');
  });

  it.each([[['device', 'credentials']], [['device', 'credentials', 'p1', '--group', 'g']]])(
    'wants one of device and group: %j',
    async (argv) => {
      expect((await json(...argv)).json()['error']).toMatchObject({ code: 'USAGE' });
    },
  );

  it('refuses an unknown device and an unknown group', async () => {
    expect((await json('device', 'credentials', 'nobody')).json()['error']).toMatchObject({ code: 'DEVICE_UNKNOWN' });
    expect((await json('device', 'credentials', '--group', 'none')).json()['error']).toMatchObject({
      code: 'GROUP_UNKNOWN',
    });
  });
});

describe('group', () => {
  it('is created once; the same filter again is no change, another one is refused', async () => {
    const create = (filter: string) => json('group', 'create', 'g1', '--filter', filter);
    expect((await create('device.hardware == "edge-b"')).json()).toMatchObject({ name: 'g1', created: true });
    expect((await create('device.hardware == "edge-b"')).json()).toMatchObject({ created: false });
    const other = await create('device.hardware == "edge-a"');
    expect(other.exitCode).toBe(5);
    expect(other.json()['error']).toMatchObject({ code: 'GROUP_EXISTS', found: 'device.hardware == "edge-b"' });
  });

  it('is refused with line and column when its filter is none', async () => {
    const refused = await json('group', 'create', 'g2', '--filter', 'device.hardwear == "edge-b"');
    expect(refused.exitCode).toBe(2);
    expect(refused.json()['error']).toMatchObject({
      code: 'FILTER_INVALID',
      where: 'line 1, column 8',
      found: 'hardwear',
    });
    expect((await json('group', 'show', 'g2')).json()['error']).toMatchObject({ code: 'GROUP_UNKNOWN' });
  });

  it('is refused when its name is none', async () => {
    const refused = await json('group', 'create', 'a b', '--filter', 'true');
    expect(refused.json()['error']).toMatchObject({ code: 'USAGE' });
  });

  it('shows how many devices it has now, and the first of them', async () => {
    await sluice('group', 'create', 'pumps', '--filter', 'device.thing.startsWith("p")');
    const shown = (await json('group', 'show', 'pumps', '--limit', '2')).json() as { count: number; devices: object[] };
    expect(shown).toMatchObject({ name: 'pumps', count: 3, devices: [{ thing: 'p1' }, { thing: 'p2' }] });
    expect((await sluice('group', 'show', 'pumps', '--limit', '2')).stdout).toContain('… and 1 more');
    const { groups } = (await json('group', 'list')).json() as { groups: { name: string; count: number }[] };
    expect(groups.find(({ name }) => name === 'pumps')).toMatchObject({ count: 3 });
  });
});
