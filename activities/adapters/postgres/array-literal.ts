// PostgreSQL's text form of arrays, for statements that take one array per column. The driver writes the same, but goes
// through every element by its general conversion; with hundreds of rows and twenty columns that is felt.

const NEEDS_QUOTES = /[^A-Za-z0-9:_.-]/;
const ESCAPED = /["\\]/g;

export const numberArray = (values: readonly (number | null)[]): string =>
  `{${values.map((value) => value ?? 'NULL').join(',')}}`;

export const booleanArray = (values: readonly boolean[]): string => `{${values.join(',')}}`;

export const textArray = (values: readonly (string | null)[]): string => `{${values.map(textElement).join(',')}}`;

function textElement(value: string | null): string {
  if (value === null) return 'NULL';
  const isPlain = value !== '' && !NEEDS_QUOTES.test(value) && value.toLowerCase() !== 'null';
  return isPlain ? value : `"${value.replace(ESCAPED, '\\$&')}"`;
}
