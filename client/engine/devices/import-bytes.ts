/** The bytes of an import file, and the text in them: UTF-8 or an error, never a guess. */
import { createReadStream } from 'node:fs';
import { sluiceError, type SluiceError } from '#domain/errors/failure.ts';

export type Bytes = AsyncIterable<Buffer>;

const BEGINNING_BYTES = 64;
const CONVERT = (from: string): string => `convert it to UTF-8: iconv -f ${from} -t UTF-8 FILE > NEW`;

/** What a row or a file in another encoding is told; LATIN1 is what spreadsheets write that do not write UTF-8. */
export const CONVERT_LATIN1 = CONVERT('LATIN1');

export interface OpenImport {
  /** The first bytes as text, to tell CSV from JSON; they come again in `bytes`. */
  readonly beginning: string;
  readonly bytes: Bytes;
}

/** Reads the beginning of `file`, which is opened once: it may be a pipe. Throws IMPORT_UNREADABLE for UTF-16. */
export async function openImport(file: string): Promise<OpenImport> {
  const stream = createReadStream(file);
  const chunks = (stream as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let read = Buffer.alloc(0);
  while (read.length < BEGINNING_BYTES) {
    const next = await chunks.next();
    if (next.done === true) break;
    read = Buffer.concat([read, next.value]);
  }
  const beginning = read.subarray(0, BEGINNING_BYTES);
  const wide = wideTextIn(beginning);
  if (wide !== null) {
    stream.destroy();
    throw unreadable(file, wide.why, { hint: CONVERT(wide.encoding) });
  }
  return { beginning: beginning.toString('utf8'), bytes: following(read, chunks) };
}

async function* following(read: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    if (read.length > 0) yield read;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  } finally {
    await chunks.return?.();
  }
}

function wideTextIn(beginning: Buffer): { readonly why: string; readonly encoding: string } | null {
  const mark = beginning.toString('hex', 0, 2);
  if (mark === 'fffe' || mark === 'feff') return { why: 'it is UTF-16', encoding: 'UTF-16' };
  // The first letter of a header or an array has a zero byte beside it in UTF-16 alone.
  return beginning.subarray(0, 2).includes(0) ? { why: 'it is UTF-16 or no text at all', encoding: 'UTF-16LE' } : null;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text in `bytes`, or null when they are not UTF-8. */
export function utf8(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

export const withoutMark = (text: string): string => text.replace(/^\uFEFF/, '');

export const unreadable = (
  file: string,
  why: string,
  place: { readonly where?: string; readonly found?: string; readonly hint?: string; readonly cause?: unknown } = {},
): SluiceError => sluiceError('IMPORT_UNREADABLE', { file, why }, { where: file, ...place });
