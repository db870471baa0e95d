/** What differs at one place of two documents, and who has it. */
export type Difference =
  | { readonly path: string; readonly change: 'changed'; readonly a: unknown; readonly b: unknown }
  | { readonly path: string; readonly change: 'only-a'; readonly a: unknown }
  | { readonly path: string; readonly change: 'only-b'; readonly b: unknown };

/** Two documents side by side: what is equal is counted, the rest is told. */
export interface ValueDiff {
  readonly equal: number;
  readonly differences: readonly Difference[];
}

/**
 * Compares two plain JSON documents value by value. Lists of things that have a name are compared by it, so that one more
 * in front moves nothing; a list of bare values is one value.
 */
export function diffValues(a: object, b: object): ValueDiff {
  const found = [...walk('', a, b)];
  const differences = found.filter((one) => one !== EQUAL);
  return { equal: found.length - differences.length, differences };
}

const EQUAL = 'equal';

function* walk(path: string, a: unknown, b: unknown): Generator<Difference | typeof EQUAL, void> {
  const [ofA, ofB] = [partsOf(a), partsOf(b)];
  if (ofA === null && ofB === null) {
    yield* compare(path, a, b);
    return;
  }
  // A value in the place of parts: the one is gone, the others came.
  if (ofA === null && !isNothing(a)) yield { path, change: 'only-a', a };
  if (ofB === null && !isNothing(b)) yield { path, change: 'only-b', b };
  for (const key of new Set([...(ofA?.keys() ?? []), ...(ofB?.keys() ?? [])])) {
    yield* walk(key.startsWith('[') || path === '' ? path + key : `${path}.${key}`, ofA?.get(key), ofB?.get(key));
  }
}

function* compare(path: string, a: unknown, b: unknown): Generator<Difference | typeof EQUAL, void> {
  if (a === undefined && b === undefined) return;
  if (b === undefined) yield { path, change: 'only-a', a };
  else if (a === undefined) yield { path, change: 'only-b', b };
  // Both are bare values, lists of them, or empty: their texts are as different as they are.
  else yield JSON.stringify(a) === JSON.stringify(b) ? EQUAL : { path, change: 'changed', a, b };
}

/** Beside parts an empty list says no more than that each of them is missing. */
const isNothing = (value: unknown): boolean =>
  value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);

/** The parts of a value by the words that lead to them; null where it is compared as a whole. */
function partsOf(value: unknown): ReadonlyMap<string, unknown> | null {
  if (typeof value !== 'object' || value === null) return null;
  if (isObject(value)) return filled(Object.entries(value).map(([key, part]) => [wordOf(key), part]));
  const list = value as readonly unknown[];
  if (!list.every(isObject)) return null;
  const name = NAMES.find(
    (key) => new Set(list.map((one) => one[key])).size === list.length && list.every(hasText(key)),
  );
  return filled(list.map((one, at) => [`[${name === undefined ? at : String(one[name])}]`, one]));
}

const filled = (parts: readonly (readonly [string, unknown])[]): ReadonlyMap<string, unknown> | null =>
  parts.length === 0 ? null : new Map(parts);

/** By these the things of a list are told apart, if each has one of its own. */
const NAMES = ['id', 'name', 'firmware', 'target', 'rule'] as const;

type Named = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Named =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const hasText =
  (key: string) =>
  (one: Named): boolean =>
    typeof one[key] === 'string';

/** A name with a point of its own would read as two. */
const wordOf = (key: string): string => (/^[\w-]+$/.test(key) ? key : `[${JSON.stringify(key)}]`);
