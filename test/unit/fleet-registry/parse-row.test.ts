import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { DeviceRegistration } from '#domain/fleet/device.schema.ts';
import { formatTags, parseTags, type ImportRow } from '#domain/fleet/import-row.ts';
import { linesOfElements } from '../../../client/engine/devices/json-rows.ts';
import { deviceOfCsv, deviceOfObject } from '../../../client/engine/devices/parse-row.ts';
import { readImport } from '../../../client/engine/devices/read-import.ts';
import { makeTempFolder } from '../../support/servers/temp-folder.ts';

const folder = makeTempFolder('parse-row');
afterAll(() => folder.remove());

const tagName = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.:/-]{0,10}$/);
const tagValue = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .filter((text) => /^[^;\p{Cc}]*$/u.test(text) && text.trim() === text);
const device = fc.record({
  thing: fc.stringMatching(/^[A-Za-z0-9:_-]{1,20}$/),
  hardware: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 ._:/+-]{0,10}[A-Za-z0-9]$/),
  firmware: fc.stringMatching(/^[0-9A-Za-z][0-9A-Za-z.+_-]{0,10}$/),
  tags: fc.dictionary(tagName, tagValue, { maxKeys: 5 }),
});

const quoted = (field: string) => `"${field.replaceAll('"', '""')}"`;

async function rowsOf(text: string): Promise<ImportRow[]> {
  const file = join(folder.path, 'import');
  writeFileSync(file, text);
  const rows: ImportRow[] = [];
  for await (const row of readImport(file)) rows.push(row);
  return rows;
}

const devicesOf = (rows: readonly ImportRow[]) => rows.map((row) => (row.kind === 'device' ? row.device : row.row));

describe('tags in CSV', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(fc.dictionary(tagName, tagValue), (tags) => {
        expect(parseTags(formatTags(tags))).toEqual({ kind: 'tags', tags: { ...tags } });
      }),
    );
  });

  it('may have blanks around them, empty parts and equals signs in a value', () => {
    expect(parseTags(' site = a ;; url=http://x/?a=b; ')).toEqual({
      kind: 'tags',
      tags: { site: 'a', url: 'http://x/?a=b' },
    });
    expect(parseTags('')).toEqual({ kind: 'tags', tags: {} });
  });

  it('are refused when one has no value or comes twice', () => {
    expect(parseTags('site')).toMatchObject({ kind: 'refused', got: 'site' });
    expect(parseTags('site=a;site=b')).toMatchObject({ kind: 'refused', got: 'site twice' });
  });
});

describe('an import file', () => {
  it('gives every device back, from CSV as from JSON, each on its line', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(device, { minLength: 1, maxLength: 8 }), async (devices) => {
        const csv = devices.map((one) =>
          [one.thing, one.hardware, one.firmware, formatTags(one.tags)].map(quoted).join(','),
        );
        const fromCsv = await rowsOf(`thing,hardware,firmware,tags\n${csv.join('\n')}\n`);
        const fromJson = await rowsOf(`[${devices.map((one) => JSON.stringify(one, null, 2)).join(',\n')}]`);
        const expected = devices.map((one) => DeviceRegistration.parse(one));
        expect(devicesOf(fromCsv)).toEqual(expected);
        expect(devicesOf(fromJson)).toEqual(expected);
        expect(fromCsv.map((row) => row.kind === 'device' && row.line)).toEqual(devices.map((_, at) => at + 2));
      }),
      { numRuns: 20 },
    );
  });

  it('never fails on a row, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary' })), async (lines) => {
        const rows = await rowsOf(`thing,hardware,firmware,tags\n${lines.join('\n')}\nlast,edge-a,1.0.0,\n`);
        expect(rows.at(-1)).toMatchObject({ kind: 'device', device: { thing: 'last' } });
      }),
      { numRuns: 20 },
    );
  });
});

describe('a row of wrong values', () => {
  it.each([
    [{ thing: '', hardware: 'a', firmware: '1' }, 'thing', 'nothing'],
    [{ thing: 'a/b', hardware: 'a', firmware: '1' }, 'thing', '"a/b"'],
    [{ thing: 'x'.repeat(129), hardware: 'a', firmware: '1' }, 'thing', `"${'x'.repeat(79)}…`],
    [{ thing: 'a', hardware: 'a,b', firmware: '1' }, 'hardware', '"a,b"'],
    [{ thing: 'a', hardware: 'a', firmware: '1 0' }, 'firmware', '"1 0"'],
    [{ thing: 'a', hardware: 'a' }, 'firmware', 'nothing'],
    [{ thing: 'a', hardware: 'a', firmware: '1', tags: { a: 1 } }, 'tags.a', '1'],
    [{ thing: 'a', hardware: 'a', firmware: '1', tags: { '1a': 'x' } }, 'tags.1a', '"1a"'],
    [{ thing: 'a', hardware: 'a', firmware: '1', tags: [] }, 'tags', '[]'],
    [{ thing: 'a', hardware: 'a', firmware: '1', site: 'x' }, 'site', 'an unknown key'],
    [null, '', 'null'],
  ])('is refused at its place: %j', (value, where, got) => {
    expect(deviceOfObject(value, 7)).toMatchObject({ kind: 'refused', row: { line: 7, where, got } });
  });

  it('shows control characters as text, so that a file cannot write to the terminal', () => {
    const refused = deviceOfCsv({ thing: '\u001b[2Jx', hardware: 'a', firmware: '1' }, 2);
    expect(refused).toMatchObject({ row: { got: '"\\u001b[2Jx"' } });
  });

  it('is refused when it has more tags than a device may have', () => {
    const tags = Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`t${at}`, '']));
    expect(deviceOfObject({ thing: 'a', hardware: 'a', firmware: '1', tags }, 1)).toMatchObject({
      row: { expected: 'at most 64 tags' },
    });
  });
});

describe('the lines of JSON elements', () => {
  it('are counted past brackets, commas and line ends inside texts and values', () => {
    expect(linesOfElements('[\n1,\n\n{"a":"],[\\"\\n",\n"b":[1,\n2]}, "x",\n[]]')).toEqual([2, 4, 6, 7]);
    expect(linesOfElements('[]')).toEqual([]);
  });
});
