import type { DeviceRegistration } from '#domain/fleet/device.schema.ts';
import type { ImportRow, RefusedRow } from '#domain/fleet/import-row.ts';
import { atElement, placeOfRow, refusedRow } from '#domain/fleet/import-row.ts';
import type { EngineDeps } from '../engine.ts';
import { readImport } from './read-import.ts';
import { registerDevices, type Registered } from './register-devices.ts';

export interface ImportReport extends Registered {
  readonly refused: readonly RefusedRow[];
}

export interface ImportInput {
  /** CSV (`thing,hardware,firmware,tags`) or JSON. */
  readonly file: string;
  readonly onProgress?: (sum: Registered) => void;
}

/**
 * Registers the good rows of a file and reports each refused one. Importing the file again changes nothing.
 * Throws IMPORT_UNREADABLE when it cannot be read; rows before the unreadable place are kept.
 */
export async function importDevices(deps: EngineDeps, { file, onProgress }: ImportInput): Promise<ImportReport> {
  const refused: RefusedRow[] = [];
  const registered = await registerDevices(deps, goodRows(readImport(file), refused), onProgress);
  return { ...registered, refused };
}

/** The devices among `rows`; what is refused, a thing's second row too, goes to `refused`. */
async function* goodRows(rows: AsyncIterable<ImportRow>, refused: RefusedRow[]): AsyncGenerator<DeviceRegistration> {
  const placeOf = new Map<string, string>();
  for await (const row of rows) {
    const checked = row.kind === 'device' ? refuseRepeated(row, placeOf) : row;
    if (checked.kind === 'refused') refused.push(checked.row);
    else yield checked.device;
  }
}

function refuseRepeated(row: ImportRow & { kind: 'device' }, placeOf: Map<string, string>): ImportRow {
  const { thing } = row.device;
  const first = placeOf.get(thing);
  if (first === undefined) {
    placeOf.set(thing, placeOfRow(row));
    return row;
  }
  const refused = refusedRow(row.line, 'thing', 'each thing once', `${thing}, first: ${first}`);
  return row.element === undefined ? refused : atElement(refused, row.element);
}
