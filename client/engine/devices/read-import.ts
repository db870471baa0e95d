/** The rows of an import file, CSV or JSON. */
import { open } from 'node:fs/promises';
import type { ImportRow } from '#domain/fleet/import-row.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { csvRows } from './csv-rows.ts';
import { jsonRows } from './json-rows.ts';

const BEGINNING_BYTES = 64;

/** The rows of `file` in their order. Throws IMPORT_UNREADABLE when there is no such file or it is neither CSV nor JSON. */
export async function* readImport(file: string): AsyncGenerator<ImportRow> {
  try {
    yield* (await isJson(file)) ? jsonRows(file) : csvRows(file);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw sluiceError('IMPORT_UNREADABLE', { file, why: error.message }, { where: file, cause: error });
  }
}

/** By its first character: a name says little, and no CSV header begins with a bracket. */
async function isJson(file: string): Promise<boolean> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(BEGINNING_BYTES), 0, BEGINNING_BYTES, 0);
  return /^\uFEFF?\s*[[{]/.test(buffer.toString('utf8', 0, bytesRead));
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && 'code' in error;
