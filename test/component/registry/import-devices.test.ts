import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { importDevices, type ImportReport } from '../../../client/engine/devices/import-devices.ts';
import { openTestEngine, type TestEngine } from '../../support/registry/test-engine.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine.close());
beforeEach(async () => {
  await query('truncate devices, job_executions, jobs; update broker_credentials set wanted = 0, applied = -1');
});

const HEADER = 'thing,hardware,firmware,tags';

async function query<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
  return (await (await engine.deps.database()).query<Row>(sql, values)).rows;
}

async function importText(text: string, name = 'devices.csv'): Promise<ImportReport> {
  const file = join(engine.folder, name);
  writeFileSync(file, text);
  return importDevices(engine.deps, { file });
}

const importRows = (...rows: string[]) => importText([HEADER, ...rows, ''].join('\n'));
const devices = () => query('select thing, hardware, firmware, tags from devices order by thing');
const revisionOf = async (thing: string) =>
  (await query<{ revision: number }>('select revision from devices where thing = $1', [thing]))[0]?.revision ?? 0;

describe('an import from CSV', () => {
  it('registers every device with its tags', async () => {
    const report = await importRows('d1,edge-a,1.0.0,site=a;floor=3', 'd2,edge-b,1.0.0,');
    expect(report).toMatchObject({ added: 2, updated: 0, unchanged: 0, refused: [] });
    expect(await devices()).toEqual([
      { thing: 'd1', hardware: 'edge-a', firmware: '1.0.0', tags: { site: 'a', floor: '3' } },
      { thing: 'd2', hardware: 'edge-b', firmware: '1.0.0', tags: {} },
    ]);
  });

  it('keeps the good rows and names line, place, expectation and finding of each bad one', async () => {
    const report = await importRows(
      'd1,edge-a,1.0.0,site=a',
      'd 2,edge-a,1.0.0,',
      'd3,edge-a,,',
      'd4,edge-a',
      '',
      'd5,edge-a,1.0.0,site',
      'd6,edge-a,"1.0.0,',
      'd1,edge-b,1.0.0,',
      'd7,edge-a,1.0.0,"site=a"',
    );
    expect(report.added).toBe(2);
    expect(report.refused.map(({ line, where, got }) => [line, where, got])).toEqual([
      [3, 'thing', '"d 2"'],
      [4, 'firmware', 'nothing'],
      [5, '', '2 columns'],
      [7, 'tags', '"site"'],
      [8, '', 'Quote Not Closed'],
      [9, 'thing', 'd1, first: line 2'],
    ]);
    expect(report.refused.every(({ expected }) => expected !== '')).toBe(true);
    expect((await devices()).map((device) => 'thing' in device && device.thing)).toEqual(['d1', 'd7']);
  });

  it('takes the columns in any order, without tags, with a byte order mark and Windows line ends', async () => {
    const report = await importText('\uFEFFfirmware,thing,hardware\r\n1.0.0,d1,edge-a\r\n');
    expect(report).toMatchObject({ added: 1, refused: [] });
  });

  it.each([
    ['', 'it is empty'],
    ['thing,hardware\nd1,edge-a\n', 'its first line is not the header'],
    ['thing,hardware,firmware,colour\n', 'its first line is not the header'],
    ['thing,thing,hardware,firmware\n', 'its first line is not the header'],
  ])('refuses a file without the header: %j', async (text, why) => {
    await expect(importText(text)).rejects.toThrow(why);
    expect(await devices()).toEqual([]);
  });

  it('refuses a file that is not there with its code', async () => {
    const file = join(engine.folder, 'nowhere.csv');
    await expect(importDevices(engine.deps, { file })).rejects.toMatchObject({ code: 'IMPORT_UNREADABLE' });
  });
});

describe('an import from JSON', () => {
  it('registers an array of objects and names the line of each refused one', async () => {
    const report = await importText(
      `[
  {"thing": "d1", "hardware": "edge-a", "firmware": "1.0.0", "tags": {"site": "a, [b]"}},
  {"thing": "d2", "hardware": "edge-a",
   "firmware": 2},
  {"thing": "d3", "hardware": "edge-a", "firmware": "1.0.0", "colour": "red"},
  {"thing": "d4", "hardware": "edge-a", "firmware": "1.0.0", "tags": {"no blanks": "x"}},
  "d5"
]`,
      'devices.json',
    );
    expect(report.added).toBe(1);
    expect(report.refused.map(({ line, where, got }) => [line, where, got])).toEqual([
      [3, 'firmware', '2'],
      [5, 'colour', 'an unknown key'],
      [6, 'tags.no blanks', '"no blanks"'],
      [7, '', '"d5"'],
    ]);
  });

  it('refuses what is no array with its code', async () => {
    await expect(importText('{"thing": "d1"}', 'x.json')).rejects.toMatchObject({ code: 'IMPORT_UNREADABLE' });
    await expect(importText('[{"thing": "d1"},', 'x.json')).rejects.toMatchObject({ code: 'IMPORT_UNREADABLE' });
  });
});

describe('importing again', () => {
  it('changes nothing when the file says nothing new', async () => {
    await importRows('d1,edge-a,1.0.0,site=a;floor=1');
    const before = await revisionOf('d1');
    const report = await importRows('d1,edge-a,1.0.0,floor=1;site=a');
    expect(report).toMatchObject({ added: 0, updated: 0, unchanged: 1, credentialsWanted: null });
    expect(await revisionOf('d1')).toBe(before);
  });

  it('takes over new hardware and tags and raises the revision', async () => {
    await importRows('d1,edge-a,1.0.0,site=a');
    const before = await revisionOf('d1');
    expect(await importRows('d1,edge-b,1.0.0,site=b')).toMatchObject({ updated: 1, credentialsWanted: null });
    expect(await devices()).toEqual([{ thing: 'd1', hardware: 'edge-b', firmware: '1.0.0', tags: { site: 'b' } }]);
    expect(await revisionOf('d1')).toBeGreaterThan(before);
  });

  it('corrects the firmware of a device that never confirmed one', async () => {
    await importRows('d1,edge-a,1.0.0,');
    expect(await importRows('d1,edge-a,0.9.0,')).toMatchObject({ updated: 1, firmwareKept: 0 });
    expect(await devices()).toMatchObject([{ firmware: '0.9.0' }]);
  });

  it('leaves the firmware of a device that reported one', async () => {
    await importRows('d1,edge-a,1.0.0,');
    await query(`update devices set firmware = '1.1.0', reported_firmware = '1.1.0', reported_at = now()`);
    expect(await importRows('d1,edge-a,1.0.0,')).toMatchObject({ updated: 0, unchanged: 1, firmwareKept: 1 });
    expect(await importRows('d1,edge-b,1.0.0,')).toMatchObject({ updated: 1, firmwareKept: 1 });
    expect(await devices()).toMatchObject([{ hardware: 'edge-b', firmware: '1.1.0' }]);
  });

  it('leaves the firmware of a device that confirmed an install', async () => {
    await importRows('d1,edge-a,1.0.0,');
    await query(`update devices set firmware = '1.1.0'`);
    await query(`insert into jobs (job_id, run_id, purpose, version, document, in_progress_timeout_ms, confirm_within_ms, confirm)
      values ('exe_1-w1', 'exe_1', 'install', '1.1.0', '{}', 1, 1, 'succeeded')`);
    await query(`insert into job_executions (thing, job_seq, shard, status) select 'd1', seq, 0, 2 from jobs`);
    expect(await importRows('d1,edge-a,1.0.0,')).toMatchObject({ firmwareKept: 1 });
    expect(await devices()).toMatchObject([{ firmware: '1.1.0' }]);
  });
});

describe('the broker', () => {
  it('is asked for credentials once devices are new', async () => {
    const report = await importRows('d1,edge-a,1.0.0,', 'd2,edge-a,1.0.0,');
    expect(report.credentialsWanted).toBe(1);
    expect(await query('select wanted from broker_credentials')).toEqual([{ wanted: 1 }]);
  });

  it('is told over its channel', async () => {
    const listener = await (await engine.deps.database()).connect();
    const heard = new Promise<string>((resolve) => {
      listener.once('notification', (message: { channel: string }) => resolve(message.channel));
    });
    await listener.query('listen broker_credentials');
    await importRows('d1,edge-a,1.0.0,');
    expect(await heard).toBe('broker_credentials');
    listener.release(true);
  });
});
