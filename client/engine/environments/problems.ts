import type { z } from 'zod';
import { nearest, type Problem } from '#domain/environments/problem.ts';
import { isSecretPath } from '#domain/environments/secrets.ts';
import { redactText } from '#domain/redaction.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** zod's issues as problems. The schemas' messages are the phrases after "expected" (fields.schema.ts). */
export function problemsOf(error: z.ZodError, document: unknown): Problem[] {
  return error.issues.flatMap((issue) => problemsOfIssue(issue, [], document));
}

function problemsOfIssue(issue: Issue, before: Path, document: unknown): Problem[] {
  const path = [...before, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownKeys(path, issue.keys, issue.message.split(', '));
    case 'invalid_union': {
      if (issue.errors.length === 0) return [problem(path, discriminators(issue), document)];
      const meant = branchMeant(issue.errors);
      return meant
        ? meant.flatMap((one) => problemsOfIssue(one, path, document))
        : [problem(path, issue.message, document)];
    }
    case 'invalid_key':
      return [badName(path, issue.message)];
    default:
      return [problem(path, issue.message, document)];
  }
}

/** The alternative that the writer had in mind: the one whose form fits and only a detail does not. */
function branchMeant(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const fitting = branches.filter(
    (issues) => !issues.some((one) => one.path.length === 0 && one.code === 'invalid_type'),
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}

function discriminators(issue: z.core.$ZodIssueInvalidUnion): string {
  return 'options' in issue && Array.isArray(issue.options) ? `one of ${issue.options.join(', ')}` : issue.message;
}

/** One problem for each key that resembles a known one, and one for all others: the known ones are listed once. */
function unknownKeys(path: Path, keys: readonly string[], known: readonly string[]): Problem[] {
  const guesses = keys.map((key) => ({ place: pathText([...path, key]), near: nearest(key, known) }));
  const strange = guesses.filter(({ near }) => near === null).map(({ place }) => place);
  const misspelt = guesses.flatMap(({ place, near }) =>
    near === null ? [] : [unknownKey(place, `Did you mean ${near}?`)],
  );
  return strange.length === 0
    ? misspelt
    : [...misspelt, unknownKey(strange.join(', '), `Known here: ${known.join(', ')}.`)];
}

const unknownKey = (path: string, fix: string): Problem => ({
  path,
  expected: 'a known key',
  got: 'an unknown one',
  fix,
});

function badName(path: Path, expected: string): Problem {
  return { path: pathText(path), expected, got: JSON.stringify(path.at(-1)), fix: 'Choose another name.' };
}

function problem(path: Path, expected: string, document: unknown): Problem {
  const value = valueAt(document, path);
  return { path: pathText(path), expected, got: shown(value, path), fix: fixFor(pathText(path), expected, value) };
}

function fixFor(place: string, expected: string, value: unknown): string {
  if (place === '') return 'Write the file as sections of keys and values.';
  if (value === undefined) return `Add ${place}.`;
  if (
    (typeof value === 'number' || typeof value === 'boolean') &&
    !/number|percentage|duration|true or/.test(expected)
  ) {
    return 'Put it in quotes.';
  }
  return /^(a|an|one of|true|the|at)\b/.test(expected) ? `Set ${place} to ${expected}.` : `Correct ${place}.`;
}

const MOST_SHOWN = 60;

/** The value as it was written; never one that may be a secret. */
function shown(value: unknown, path: Path): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'a section';
  if (isSecretPath(path)) return typeof value === 'string' ? 'a text (not shown)' : `a ${typeof value}`;
  const text = redactText(JSON.stringify(value));
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}

function valueAt(document: unknown, path: Path): unknown {
  let value = document;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

function pathText(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}
