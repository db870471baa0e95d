import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { shownPlainly } from '#domain/control-characters.ts';
import { sluiceError, type SluiceError } from '#domain/errors/failure.ts';
import { describeProblem, type Problem } from '#domain/environments/problem.ts';
import { whyUnreadable } from '../file-reasons.ts';
import { problemsOf } from './problems.ts';

/** A file that a person wrote, as it was read; the name appears in errors. */
export interface WrittenFile {
  readonly content: string;
  readonly name: string;
}

const LARGEST_FILE = 1_048_576;

/** The file at `path`. Throws CONFIG_UNREADABLE. */
export async function readWrittenFile(path: string): Promise<WrittenFile> {
  try {
    return { content: await readFile(path, 'utf8'), name: path };
  } catch (cause) {
    throw sluiceError('CONFIG_UNREADABLE', { file: path, why: whyUnreadable(cause) }, { cause });
  }
}

/** What a JSON or YAML file says; `<<: *anchor` takes over what stands at the anchor. Throws CONFIG_UNREADABLE with the line when it is neither. */
export function readDocument({ content, name }: WrittenFile): unknown {
  if (content.length > LARGEST_FILE) throw unreadable(name, `it is larger than ${LARGEST_FILE} bytes`);
  const document = parseDocument(content, { uniqueKeys: true, merge: true });
  const [error] = document.errors;
  if (error) throw unreadable(name, error.message.split('\n')[0] ?? error.code, error.linePos?.[0].line);
  try {
    return document.toJS() as unknown;
  } catch (cause) {
    throw unreadable(name, cause instanceof Error ? cause.message : String(cause));
  }
}

function unreadable(file: string, why: string, line?: number): SluiceError {
  const reason = shownPlainly(why.replace(/( at line \d+, column \d+)?:?$/, ''));
  return sluiceError(
    'CONFIG_UNREADABLE',
    { file, why: reason },
    { where: line === undefined ? file : `${file}: line ${line}` },
  );
}

/** The document as `schema` reads it. Throws CONFIG_INVALID with every problem. */
export function checkDocument<Schema extends z.ZodType>(
  schema: Schema,
  document: unknown,
  file: string,
): z.output<Schema> {
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  throw refusal(problemsOf(result.error, document), file);
}

/** CONFIG_INVALID with every problem of the file, each once. */
export function refusal(problems: readonly Problem[], file: string): SluiceError {
  const byText = new Map(problems.map((one) => [describeProblem(one), one]));
  const reported = [...byText.values()].map(({ path, expected, got, fix }) => ({ path, expected, got, hint: fix }));
  return sluiceError(
    'CONFIG_INVALID',
    { problems: [...byText.keys()].join('\n') },
    { where: file, problems: reported },
  );
}
