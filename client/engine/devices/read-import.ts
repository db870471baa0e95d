/** The rows of an import file, CSV or JSON. */
import type { ImportRow } from '#domain/fleet/import-row.ts';
import { whyUnreadable } from '../file-reasons.ts';
import { csvRows } from './csv-rows.ts';
import { openImport, unreadable } from './import-bytes.ts';
import { jsonRows } from './json-rows.ts';

/** The rows of `file` in their order. Throws IMPORT_UNREADABLE when there is no such file or it is neither CSV nor JSON. */
export async function* readImport(file: string): AsyncGenerator<ImportRow> {
  try {
    const { beginning, bytes } = await openImport(file);
    // By its first character: a name says little, and no CSV header begins with a bracket.
    yield* /^\uFEFF?\s*[[{]/.test(beginning) ? jsonRows(bytes, file) : csvRows(bytes, file);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw unreadable(file, whyUnreadable(error), { cause: error });
  }
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && 'code' in error;
