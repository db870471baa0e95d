/** Devices in JSON: one array of objects. */
import { atElement, type ImportRow } from '#domain/fleet/import-row.ts';
import { CONVERT_LATIN1, unreadable, utf8, withoutMark, type Bytes } from './import-bytes.ts';
import { firstLineNotUtf8 } from './import-lines.ts';
import { deviceOfObject } from './parse-row.ts';

/** JSON is read whole, and costs about ten times its size while it is: some 500,000 devices. */
const MOST_BYTES = 64 * 1024 * 1024;

/** The rows of a JSON file in their order. Throws IMPORT_UNREADABLE when it is no JSON array, or too long. */
export async function* jsonRows(bytes: Bytes, file: string): AsyncGenerator<ImportRow> {
  const text = await textOf(bytes, file);
  const values = parseArray(text, file);
  const lines = linesOfElements(text);
  for (const [index, value] of values.entries()) yield atElement(deviceOfObject(value, lines[index] ?? 0), index);
}

async function textOf(bytes: Bytes, file: string): Promise<string> {
  const chunks: Buffer[] = [];
  let read = 0;
  for await (const chunk of bytes) {
    chunks.push(chunk);
    read += chunk.length;
    if (read > MOST_BYTES) {
      const hint = 'give it as CSV (thing,hardware,firmware,tags), which may have any size, or in parts';
      throw unreadable(file, 'it is JSON of more than 64 MiB', { hint });
    }
  }
  const whole = Buffer.concat(chunks);
  const text = utf8(whole);
  if (text !== null) return withoutMark(text);
  const where = `${file}: line ${firstLineNotUtf8(whole)}`;
  throw unreadable(file, 'it is not UTF-8', { where, hint: CONVERT_LATIN1 });
}

function parseArray(text: string, file: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value;
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it is no JSON';
    // It quotes the file, whose control characters must not reach a terminal.
    throw unreadable(file, why.replace(/\p{Cc}+/gu, ' '), { cause: error });
  }
  throw unreadable(file, 'it holds no array');
}

/**
 * The line on which each element of the outermost array begins; `text` is valid JSON.
 * @internal a rule with tests of its own
 */
export function linesOfElements(text: string): number[] {
  const lines: number[] = [];
  let line = 1;
  let depth = 0;
  let awaitsElement = false;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (inString) {
      if (character === '\\') at++;
      else if (character === '"') inString = false;
      continue;
    }
    if (character === '\n') line++;
    if (awaitsElement && !' \t\r\n]'.includes(character)) {
      lines.push(line);
      awaitsElement = false;
    }
    if (character === '"') inString = true;
    else if (character === '[' || character === '{') awaitsElement = ++depth === 1;
    else if (character === ']' || character === '}') depth--;
    else if (character === ',') awaitsElement = depth === 1;
  }
  return lines;
}
