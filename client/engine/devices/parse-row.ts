/** From what a file says to a device of the registry, or to the first thing that is wrong with it. */
import { DeviceRegistration } from '#domain/fleet/device.schema.ts';
import { IMPORT_COLUMNS, parseTags, refusedRow, type ImportColumn, type ImportRow } from '#domain/fleet/import-row.ts';

/** The device of a CSV record; blanks around its fields are ignored. */
export function deviceOfCsv(record: Readonly<Partial<Record<ImportColumn, string>>>, line: number): ImportRow {
  const parsed = parseTags(record.tags ?? '');
  if (parsed.kind === 'refused') return refusedRow(line, 'tags', parsed.expected, shown(parsed.got));
  const trimmed = { thing: record.thing?.trim(), hardware: record.hardware?.trim(), firmware: record.firmware?.trim() };
  return deviceOfObject({ ...trimmed, tags: parsed.tags }, line);
}

/** The device of a JSON value. */
export function deviceOfObject(value: unknown, line: number): ImportRow {
  const parsed = DeviceRegistration.safeParse(value);
  if (parsed.success) return { kind: 'device', line, device: parsed.data };
  const issue = parsed.error.issues[0];
  if (issue === undefined) return refusedRow(line, '', A_DEVICE, shown(value));
  if (issue.code === 'unrecognized_keys') {
    return refusedRow(line, issue.keys.join(', '), `only ${IMPORT_COLUMNS.join(', ')}`, 'an unknown key');
  }
  const key = issue.code === 'invalid_key' ? issue.path.at(-1) : valueAt(value, issue.path);
  return refusedRow(line, issue.path.join('.'), expectationOf(issue), shown(key));
}

const A_DEVICE = 'an object {thing, hardware, firmware, tags}';
const EXPECTED = new Map([
  ['string', 'a text'],
  ['object', A_DEVICE],
  ['record', 'an object of texts'],
]);

type Issue = NonNullable<ReturnType<typeof DeviceRegistration.safeParse>['error']>['issues'][number];

function expectationOf(issue: Issue): string {
  if (issue.code === 'invalid_type') return EXPECTED.get(issue.expected) ?? issue.expected;
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  return issue.message;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at: unknown = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<PropertyKey, unknown>)[key];
  }
  return at;
}

const SHOWN_CHARACTERS = 80;

/** What a file holds, as JSON and not too long: its control characters must not reach a terminal. */
export function shown(value: unknown): string {
  if (value === undefined || value === '') return 'nothing';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
