import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { SluiceError } from '#domain/errors/failure.ts';
import type { ImportRow } from '#domain/fleet/import-row.ts';
import { readImport } from '../../../client/engine/devices/read-import.ts';
import { makeTempFolder } from '../../support/servers/temp-folder.ts';

const folder = makeTempFolder('read-import');
afterAll(() => folder.remove());

const HEADER = 'thing,hardware,firmware,tags';
const MIB = 1024 * 1024;
const file = join(folder.path, 'import');

async function rowsOf(path: string): Promise<ImportRow[]> {
  const rows: ImportRow[] = [];
  for await (const row of readImport(path)) rows.push(row);
  return rows;
}

function rowsIn(content: string | Buffer): Promise<ImportRow[]> {
  writeFileSync(file, content);
  return rowsOf(file);
}

async function refusalOf(content: string | Buffer) {
  const error = await rowsIn(content).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof SluiceError) return error.report;
  throw new Error(`it was not refused: ${String(error)}`);
}

/** What became of each row: its line, and its tags or what was found there. */
const told = (rows: readonly ImportRow[]) =>
  rows.map((row) => (row.kind === 'device' ? [row.line, row.device.tags] : [row.row.line, row.row.got]));

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('a file in another encoding', () => {
  it('costs the rows that are not UTF-8, each on its line, and says how to convert it', async () => {
    const text = `${HEADER}\nd1,edge-a,1.0.0,site=a\nd2,edge-a,1.0.0,site=München\nd3,edge-a,1.0.0,site=c\n`;
    const rows = await rowsIn(latin1(text));
    expect(told(rows)).toEqual([
      [2, { site: 'a' }],
      [3, '"d2,edge-a,1.0.0,site=M\uFFFDnchen"'],
      [4, { site: 'c' }],
    ]);
    expect(rows[1]).toMatchObject({ row: { expected: expect.stringContaining('iconv -f LATIN1 -t UTF-8') as string } });
    expect(told(await rowsIn(text))[1]).toEqual([3, { site: 'München' }]);
  });

  it('is refused when its header is not UTF-8 either', async () => {
    const report = await refusalOf(latin1(`thing,hardware,firmware,tägs\nd1,edge-a,1.0.0,\n`));
    expect(report).toMatchObject({ code: 'IMPORT_UNREADABLE', where: `${file}: line 1` });
    expect(report.hint).toContain('iconv');
  });

  it('is refused as a whole when it is JSON, with the line', async () => {
    const report = await refusalOf(latin1('[\n{"thing": "d1", "hardware": "edge-ä", "firmware": "1"}]'));
    expect(report).toMatchObject({ where: `${file}: line 2`, hint: expect.stringContaining('iconv') as string });
  });

  it.each([
    ['with its mark', Buffer.from(`\uFEFF${HEADER}\n`, 'utf16le')],
    ['in the other order', Buffer.from(`\uFEFF${HEADER}\n`, 'utf16le').swap16()],
    ['without a mark', Buffer.from(`${HEADER}\n`, 'utf16le')],
    ['as JSON', Buffer.from('\uFEFF[]', 'utf16le')],
  ])('is refused by its name when it is UTF-16 %s', async (_how, content) => {
    const report = await refusalOf(content);
    expect(report.message).toContain('it is UTF-16');
    expect(report.hint).toContain('iconv -f UTF-16');
  });
});

describe('lines', () => {
  it.each(['\u2028', '\u2029', '\u0085', '\v', '\f', '\r'])('do not end at %j', async (character) => {
    const rows = await rowsIn(`${HEADER}\nd1,edge-a,1.0.0,a=x${character}y\nd2,edge-a,1.0.0,a=z\n`);
    expect(rows).toHaveLength(2);
    expect(told(rows).map(([line]) => line)).toEqual([2, 3]);
    expect(told(await rowsIn(`${HEADER}\n"d1","edge-a","1.0.0","a=${character}"\nd2,edge-a,1.0.0,\n`))).toHaveLength(2);
  });

  it('end at LF and CRLF, the last one anyhow, and empty ones count', async () => {
    expect(told(await rowsIn(`\uFEFF${HEADER}\r\n\r\nd1,edge-a,1.0.0,a=1\r\n\nd2,edge-a,1.0.0,a=2`))).toEqual([
      [3, { a: '1' }],
      [5, { a: '2' }],
    ]);
  });

  it('are whole wherever the file is cut for reading', async () => {
    const value = fc.stringMatching(/^[äé€😀x]{100,200}$/u);
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 600, maxLength: 600 }), async (values) => {
        const lines = values.map((one, at) => `d${at},edge-a,1.0.0,a=${one}`);
        const rows = await rowsIn([HEADER, ...lines, ''].join('\r\n'));
        expect(told(rows)).toEqual(values.map((one, at) => [at + 2, { a: one }]));
      }),
      { numRuns: 3 },
    );
  });

  it('are no rows when they are longer than any row', async () => {
    const report = await refusalOf(`${HEADER}\nd1,edge-a,1.0.0,\n${'x'.repeat(2 * MIB)}`);
    expect(report).toMatchObject({ code: 'IMPORT_UNREADABLE', where: `${file}: line 3` });
  });
});

describe('a CSV file', () => {
  it('may hold what names and values may hold', async () => {
    const longest = 'x'.repeat(128);
    const rows = await rowsIn(
      [
        HEADER,
        `${longest},edge-a,1.0.0,`,
        'site:a:1,edge-a,1.0.0,"a=1,2;b=""x"""',
        'd3,edge-a,1.0.0,url=http://x/?a=b',
        `${longest}x,edge-a,1.0.0,`,
      ].join('\n'),
    );
    expect(rows).toMatchObject([
      { device: { thing: longest } },
      { device: { thing: 'site:a:1', tags: { a: '1,2', b: '"x"' } } },
      { device: { thing: 'd3', tags: { url: 'http://x/?a=b' } } },
      { row: { line: 5, where: 'thing' } },
    ]);
  });

  it('may have no rows, but not no header', async () => {
    expect(await rowsIn(`${HEADER}\n`)).toEqual([]);
    expect(await rowsIn(HEADER)).toEqual([]);
    expect((await refusalOf('')).message).toContain('it is empty');
    expect((await refusalOf('\n\n')).message).toContain('its first line is not the header');
  });

  it('may come through a pipe', async () => {
    const pipe = join(folder.path, 'pipe');
    execFileSync('/usr/bin/mkfifo', [pipe]);
    const [rows] = await Promise.all([rowsOf(pipe), writeFile(pipe, `${HEADER}\nd1,edge-a,1.0.0,a=1\n`)]);
    expect(told(rows)).toEqual([[2, { a: '1' }]]);
  });
});

describe('a JSON file', () => {
  it('is refused when it is too long to be read whole, and CSV is named', async () => {
    const handle = openSync(file, 'w');
    writeSync(handle, `[${' '.repeat(100)}`);
    // A hole: it has the length of 600 MiB and takes no room.
    ftruncateSync(handle, 600 * MIB);
    closeSync(handle);
    const error: unknown = await rowsOf(file).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'IMPORT_UNREADABLE', report: { where: file } });
    expect((error as SluiceError).report.hint).toContain('CSV');
  });

  it('does not write to the terminal through the error about it', async () => {
    const report = await refusalOf('[\u001b[2J]');
    expect(report.message).not.toMatch(/\p{Cc}/u);
  });
});
