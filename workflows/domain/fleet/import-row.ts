/** One row of an import: a device to register, or a refusal that names the place. */
import type { DeviceRegistration } from './device.schema.ts';

/** The columns of a CSV file and the keys of a JSON object; the order is free, `tags` may be left out. */
export const IMPORT_COLUMNS = ['thing', 'hardware', 'firmware', 'tags'] as const;
export type ImportColumn = (typeof IMPORT_COLUMNS)[number];

/** A row that was not taken: `line` is its first line in the file, 1-based. */
export interface RefusedRow {
  readonly line: number;
  /** Place in the array of a JSON file, 0-based: all of it may stand on one line. */
  readonly element?: number;
  readonly where: string;
  readonly expected: string;
  readonly got: string;
}

export type ImportRow =
  | {
      readonly kind: 'device';
      readonly line: number;
      readonly element?: number;
      readonly device: DeviceRegistration;
    }
  | { readonly kind: 'refused'; readonly row: RefusedRow };

export const refusedRow = (line: number, where: string, expected: string, got: string): ImportRow => ({
  kind: 'refused',
  row: { line, where, expected, got },
});

/** `row` of a JSON file, which stands at `element` of its array. */
export const atElement = (row: ImportRow, element: number): ImportRow =>
  row.kind === 'device' ? { ...row, element } : { kind: 'refused', row: { ...row.row, element } };

/** `line 7`, `element [3] on line 1`. */
export const placeOfRow = ({ line, element }: { readonly line: number; readonly element?: number }): string =>
  element === undefined ? `line ${line}` : `element [${element}] on line ${line}`;

export type ParsedTags =
  | { readonly kind: 'tags'; readonly tags: Readonly<Record<string, string>> }
  | { readonly kind: 'refused'; readonly expected: string; readonly got: string };

/** The tags in `k=v;k=v`; blanks around names and values and empty parts are ignored. */
export function parseTags(text: string): ParsedTags {
  const tags = new Map<string, string>();
  for (const part of text.split(';')) {
    if (part.trim() === '') continue;
    const equals = part.indexOf('=');
    if (equals < 0) return { kind: 'refused', expected: 'tags as name=value;name=value', got: part.trim() };
    const name = part.slice(0, equals).trim();
    if (tags.has(name)) return { kind: 'refused', expected: 'each tag once', got: `${name} twice` };
    tags.set(name, part.slice(equals + 1).trim());
  }
  return { kind: 'tags', tags: Object.fromEntries(tags) };
}

/** The tags as `parseTags` reads them. */
export const formatTags = (tags: Readonly<Record<string, string>>): string =>
  Object.entries(tags)
    .map(([name, value]) => `${name}=${value}`)
    .join(';');
