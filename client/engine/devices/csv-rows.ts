/** Devices in CSV, read as a stream. */
import { parse } from 'csv-parse/sync';
import { IMPORT_COLUMNS, refusedRow, type ImportColumn, type ImportRow } from '#domain/fleet/import-row.ts';
import { CONVERT_LATIN1, unreadable, withoutMark, type Bytes } from './import-bytes.ts';
import { importLines, type ImportLine } from './import-lines.ts';
import { deviceOfCsv, shown } from './parse-row.ts';

const REQUIRED = IMPORT_COLUMNS.filter((column) => column !== 'tags');

/**
 * The rows of a CSV file in their order. No field may hold a line break, so that a stray quote costs one row and not the
 * rest of the file. Throws IMPORT_UNREADABLE when its first line is not the header.
 */
export async function* csvRows(bytes: Bytes, file: string): AsyncGenerator<ImportRow> {
  let header: readonly ImportColumn[] | undefined;
  for await (const lines of importLines(bytes, file)) {
    for (const line of lines) {
      if (header === undefined) header = headerOf(line, file);
      else if (line.text.trim() !== '') yield rowOf(line, header);
    }
  }
  if (header === undefined) throw unreadable(file, 'it is empty');
}

function rowOf({ text, line, isUtf8 }: ImportLine, header: readonly ImportColumn[]): ImportRow {
  if (!isUtf8) return refusedRow(line, '', `UTF-8 (${CONVERT_LATIN1})`, shown(text));
  const read = fieldsOf(text);
  if (read.kind === 'broken') return refusedRow(line, '', 'a CSV row', read.why);
  const { fields } = read;
  if (fields.length !== header.length) {
    return refusedRow(line, '', `${header.length} columns (${header.join(',')})`, `${fields.length} columns`);
  }
  return deviceOfCsv(Object.fromEntries(header.map((column, at) => [column, fields[at] ?? ''])), line);
}

function headerOf({ text, isUtf8 }: ImportLine, file: string): readonly ImportColumn[] {
  const place = { where: `${file}: line 1`, found: shown(text) };
  if (!isUtf8) throw unreadable(file, 'its first line is not UTF-8', { ...place, hint: CONVERT_LATIN1 });
  const read = fieldsOf(withoutMark(text));
  const names = read.kind === 'fields' ? read.fields.map((name) => name.trim()) : [];
  const known = names.filter(isColumn);
  const complete = REQUIRED.every((column) => known.includes(column));
  if (complete && known.length === names.length && new Set(names).size === names.length) return known;
  throw unreadable(file, `its first line is not the header ${IMPORT_COLUMNS.join(',')}`, place);
}

const isColumn = (name: string): name is ImportColumn => (IMPORT_COLUMNS as readonly string[]).includes(name);

type Fields =
  { readonly kind: 'fields'; readonly fields: readonly string[] } | { readonly kind: 'broken'; readonly why: string };

function fieldsOf(text: string): Fields {
  // Most rows have no quote: splitting them is a tenth of the work.
  if (!text.includes('"')) return { kind: 'fields', fields: text.split(',') };
  try {
    // Told what ends a record, because it would find a carriage return in the middle of one.
    return { kind: 'fields', fields: parse(text, { relax_column_count: true, record_delimiter: '\n' })[0] ?? [] };
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read';
    // `Quote Not Closed: the parsing is finished …`: the rest counts lines and columns of this one line only.
    return { kind: 'broken', why: /^[^:,]+/.exec(why)?.[0] ?? why };
  }
}
