import { unreadable, utf8, type Bytes } from './import-bytes.ts';

/** A line without its end, numbered from 1; `text` of one that is not UTF-8 shows U+FFFD where it is not. */
export interface ImportLine {
  readonly line: number;
  readonly text: string;
  readonly isUtf8: boolean;
}

const LINE_FEED = 10;
const MOST_LINE_BYTES = 1024 * 1024;

/**
 * The lines of `bytes`, many at a time. A line ends at LF or CRLF and nowhere else: other ends that Unicode knows are
 * characters of a value. Throws IMPORT_UNREADABLE for a line that no row can be.
 */
export async function* importLines(bytes: Bytes, file: string): AsyncGenerator<ImportLine[]> {
  let open: Buffer[] = [];
  let openBytes = 0;
  let line = 1;
  for await (const chunk of bytes) {
    const end = chunk.lastIndexOf(LINE_FEED);
    if (end >= 0) {
      const lines = linesIn(Buffer.concat([...open, chunk.subarray(0, end)]), line);
      yield lines;
      line += lines.length;
      [open, openBytes] = [[], 0];
    }
    open.push(chunk.subarray(end + 1));
    openBytes += chunk.length - end - 1;
    if (openBytes > MOST_LINE_BYTES)
      throw unreadable(file, `line ${line} is longer than 1 MiB`, { where: `${file}: line ${line}` });
  }
  if (openBytes > 0) yield linesIn(Buffer.concat(open), line);
}

function linesIn(bytes: Buffer, first: number): ImportLine[] {
  const text = utf8(bytes);
  // Decoding all at once is a tenth of the work, and nearly always right.
  if (text !== null) return text.split('\n').map((one, at) => lineOf(one, first + at, true));
  return splitBytes(bytes).map((one, at) => {
    const decoded = utf8(one);
    return lineOf(decoded ?? one.toString('utf8'), first + at, decoded !== null);
  });
}

const lineOf = (text: string, line: number, isUtf8: boolean): ImportLine => ({
  line,
  text: text.endsWith('\r') ? text.slice(0, -1) : text,
  isUtf8,
});

/** The number of the first line in `bytes` that is not UTF-8. */
export const firstLineNotUtf8 = (bytes: Buffer): number => splitBytes(bytes).findIndex((one) => utf8(one) === null) + 1;

function splitBytes(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, from)) {
    parts.push(bytes.subarray(from, at));
    from = at + 1;
  }
  return [...parts, bytes.subarray(from)];
}
