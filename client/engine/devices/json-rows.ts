/** Devices in JSON: one array of objects. */
import { readFile } from 'node:fs/promises';
import type { ImportRow } from '#domain/fleet/import-row.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { deviceOfObject } from './parse-row.ts';

/** The rows of a JSON file in their order. Throws IMPORT_UNREADABLE when it is no JSON array. */
export async function* jsonRows(file: string): AsyncGenerator<ImportRow> {
  const text = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  const values = parseArray(text, file);
  const lines = linesOfElements(text);
  for (const [index, value] of values.entries()) yield deviceOfObject(value, lines[index] ?? 0);
}

function parseArray(text: string, file: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value;
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it is no JSON';
    throw sluiceError('IMPORT_UNREADABLE', { file, why }, { where: file, cause: error });
  }
  throw sluiceError('IMPORT_UNREADABLE', { file, why: 'it holds no array' }, { where: file });
}

/** The line on which each element of the outermost array begins; `text` is valid JSON. */
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
