/** Devices in CSV, read as a stream. */
import { open } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { IMPORT_COLUMNS, refusedRow, type ImportColumn, type ImportRow } from '#domain/fleet/import-row.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { deviceOfCsv } from './parse-row.ts';

const REQUIRED = IMPORT_COLUMNS.filter((column) => column !== 'tags');

/**
 * The rows of a CSV file in their order. No field may hold a line break, so that a stray quote costs one row and not the
 * rest of the file. Throws IMPORT_UNREADABLE when its first line is not the header.
 */
export async function* csvRows(file: string): AsyncGenerator<ImportRow> {
  await using handle = await open(file);
  let header: readonly ImportColumn[] | undefined;
  let line = 0;
  for await (const text of handle.readLines()) {
    line++;
    if (header === undefined) header = headerOf(text, file);
    else if (text.trim() !== '') yield rowOf(text, header, line);
  }
  if (header === undefined) throw sluiceError('IMPORT_UNREADABLE', { file, why: 'it is empty' }, { where: file });
}

function rowOf(text: string, header: readonly ImportColumn[], line: number): ImportRow {
  const read = fieldsOf(text);
  if (read.kind === 'broken') return refusedRow(line, '', 'a CSV row', read.why);
  const { fields } = read;
  if (fields.length !== header.length) {
    return refusedRow(line, '', `${header.length} columns (${header.join(',')})`, `${fields.length} columns`);
  }
  return deviceOfCsv(Object.fromEntries(header.map((column, at) => [column, fields[at] ?? ''])), line);
}

function headerOf(text: string, file: string): readonly ImportColumn[] {
  const read = fieldsOf(text.replace(/^\uFEFF/, ''));
  const names = read.kind === 'fields' ? read.fields.map((name) => name.trim()) : [];
  const known = names.filter(isColumn);
  const complete = REQUIRED.every((column) => known.includes(column));
  if (complete && known.length === names.length && new Set(names).size === names.length) return known;
  const why = `its first line is not the header ${IMPORT_COLUMNS.join(',')}`;
  throw sluiceError(
    'IMPORT_UNREADABLE',
    { file, why },
    { where: `${file}: line 1`, found: JSON.stringify(text.slice(0, 120)) },
  );
}

const isColumn = (name: string): name is ImportColumn => (IMPORT_COLUMNS as readonly string[]).includes(name);

type Fields =
  { readonly kind: 'fields'; readonly fields: readonly string[] } | { readonly kind: 'broken'; readonly why: string };

function fieldsOf(text: string): Fields {
  // Most rows have no quote: splitting them is a tenth of the work.
  if (!text.includes('"')) return { kind: 'fields', fields: text.split(',') };
  try {
    return { kind: 'fields', fields: parse(text, { relax_column_count: true })[0] ?? [] };
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read';
    // `Quote Not Closed: the parsing is finished …`: the rest counts lines and columns of this one line only.
    return { kind: 'broken', why: /^[^:,]+/.exec(why)?.[0] ?? why };
  }
}
