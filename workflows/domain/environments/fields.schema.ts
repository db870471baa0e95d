import { IANAZone } from 'luxon';
import { z } from 'zod';
import { holdsControlCharacters } from '../control-characters.ts';
import type { SecretRef } from '../plan/health-check.ts';
import { parseDurationMs } from '../time.ts';
import { hasCredentialsInside } from './credentials-inside.ts';

// The building blocks of every file that a person writes. Each field's zod message is the phrase that follows "expected" in
// `path: expected …, got …. fix`, so that one formatter serves all of them.

/** A section with exactly these keys. The message of an unknown key lists the known ones: the formatter finds the nearest. */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? known : `a section with the keys ${known}`),
  });
}

export const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
export const NAME_EXPECTED = 'a name of at most 64 characters A-Z a-z 0-9 _ . - that begins with a letter or digit';

/** A section whose keys the writer chooses (names of environments, checks, people). */
export function named<Value extends z.ZodType>(what: string, value: Value) {
  return z.record(z.string().regex(NAME), value, {
    error: (issue) => (issue.code === 'invalid_key' ? NAME_EXPECTED : `a section of ${what} by name`),
  });
}

/** Text of one line that any terminal can show. */
export const text = (expected = 'text') => shortText(expected).min(1, { error: `${expected}, not empty` });

/** The same, possibly empty. */
export const shortText = (expected = 'text') =>
  z.string({ error: expected }).refine((value) => !holdsControlCharacters(value), {
    error: `${expected} without control characters (line breaks are some)`,
  });

/** Text for a program, of any number of lines. */
export const script = (expected: string) =>
  z
    .string({ error: expected })
    .min(1, { error: `${expected}, not empty` })
    .refine((value) => !holdsControlCharacters(value.replaceAll(/[\n\t]/g, ' ')), {
      error: `${expected} without control characters other than line breaks and tabs`,
    });
export const flag = () => z.boolean({ error: 'true or false' });

export function whole(min: number, max = 1_000_000) {
  const error = `a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** A percentage with at most two decimals; `min` 0 allows none. */
export function percent(min: 0 | 0.01 = 0) {
  const error = min === 0 ? 'a percentage from 0 to 100' : 'a percentage above 0 and up to 100';
  return z
    .number({ error })
    .min(min, { error })
    .max(100, { error })
    .refine(hasTwoDecimals, { error: 'at most two decimals' });
}

const hasTwoDecimals = (value: number): boolean => Number(value.toFixed(2)) === value;

export function oneOf<const Values extends readonly string[]>(values: Values) {
  return z.enum(values, { error: `one of ${values.join(', ')}` });
}

export const listOf = <Item extends z.ZodType>(what: string, item: Item) =>
  z.array(item, { error: `a list of ${what}` });

const DAY_MS = 86_400_000;
const LONGEST_MS = 400 * DAY_MS;
/** No single question to a service takes longer; a gate may ask for as long as a test run of days takes. */
export const LONGEST_CHECK_MS = DAY_MS / 24;
export const LONGEST_GATE_MS = 7 * DAY_MS;

/** Milliseconds from `5m`, `0s`, `1.5h` or a number of seconds; `above-zero` refuses 0. */
export function duration(least: 'zero' | 'above-zero' = 'above-zero', longestMs = LONGEST_MS) {
  return z.unknown().transform((value, context): number => {
    const ms = typeof value === 'string' || typeof value === 'number' ? parseDurationMs(value) : null;
    if (ms !== null && ms <= longestMs && (ms > 0 || least === 'zero')) return ms;
    const longest = longestMs >= 2 * DAY_MS ? `${longestMs / DAY_MS} days` : `${longestMs / LONGEST_CHECK_MS} h`;
    const range = least === 'zero' ? `up to ${longest}` : `above 0 and up to ${longest}`;
    return refuse(context, `a duration such as 30s, 5m or 2h (a number means seconds), ${range}`);
  });
}

/** An absolute http or https address without credentials. */
export const httpUrl = () =>
  text('an http(s) URL').refine((url) => isHttpUrl(url) && !hasCredentialsInside(url), {
    error: 'an absolute http(s) URL without user and password or token',
  });

export function isHttpUrl(candidate: string): boolean {
  if (!URL.canParse(candidate)) return false;
  const { protocol, username, password } = new URL(candidate);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

/** Never the zone of whichever machine asks (`local`, `system`): a window is the same everywhere. */
export const timezone = () =>
  text('a time zone').refine((zone) => /^[a-z]/i.test(zone) && IANAZone.isValidZone(zone), {
    error: 'an IANA time zone such as UTC or Europe/Berlin',
  });

/** A secret: written out (it is then moved to a file of its own) or already a reference. */
export function secret(what = 'the secret as text', isWritten: (value: string) => boolean = (value) => value !== '') {
  return z.unknown().transform((value, context): string | SecretRef => {
    if (typeof value === 'string' && isWritten(value)) return value;
    if (isSecretRef(value)) return value;
    return refuse(context, `${what}, or { secretRef: "env:NAME" } or { secretRef: "file:PATH" }`);
  });
}

/** Values by name, each a text or a secret: `{ Accept: text/plain, Authorization: { secretRef: "env:TOKEN" } }`. */
function namedSecrets(names: { readonly pattern: RegExp; readonly expected: string; readonly what: string }) {
  const { pattern, expected, what } = names;
  const value = secret('text in one line', (text) => !/[\0\r\n]/.test(text));
  return z
    .record(z.string().regex(pattern), value, {
      error: (issue) => (issue.code === 'invalid_key' ? expected : `a section of ${what}`),
    })
    .refine((values) => new Set(Object.keys(values).map((name) => name.toLowerCase())).size === size(values), {
      error: `each of the ${what} once`,
    });
}

const size = (values: object): number => Object.keys(values).length;

export const headers = () =>
  namedSecrets({
    pattern: /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/,
    expected: 'a header’s name of at most 64 characters A-Z a-z 0-9 _ -',
    what: 'headers and their values',
  });

export const variables = () =>
  namedSecrets({
    pattern: /^(?!SLUICE_)[A-Za-z_][A-Za-z0-9_]{0,63}$/,
    expected: 'a variable’s name of at most 64 characters A-Z a-z 0-9 _ that does not begin with SLUICE_',
    what: 'variables and their values',
  });

function isSecretRef(value: unknown): value is SecretRef {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 1) return false;
  const ref = (value as { secretRef?: unknown }).secretRef;
  return typeof ref === 'string' && /^(env:[A-Za-z_][A-Za-z0-9_]*|file:\P{Cc}+)$/u.test(ref);
}

/** Adds one problem and yields nothing: for fields that zod's own types cannot say. */
function refuse(context: z.RefinementCtx, expected: string): never {
  context.addIssue({ code: 'custom', message: expected });
  return z.NEVER;
}
