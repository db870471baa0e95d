// PostgreSQL's text form of arrays, for statements that take one array per column. The driver writes the same, but goes
// through every element by its general conversion; with hundreds of rows and twenty columns that is felt. The text form of
// JSON is nearly the same and made natively; where it escapes control characters, PostgreSQL would read letters.

const JSON_ONLY_ESCAPE = /\\[bfnrtu]/;
const ESCAPED = /["\\]/g;

export const numberArray = (values: readonly (number | null)[]): string => braced(JSON.stringify(values));

export const booleanArray = (values: readonly boolean[]): string => braced(JSON.stringify(values));

export function textArray(values: readonly (string | null)[]): string {
  const json = JSON.stringify(values);
  return JSON_ONLY_ESCAPE.test(json) ? `{${values.map(textElement).join(',')}}` : braced(json);
}

const braced = (json: string): string => `{${json.slice(1, -1)}}`;

const textElement = (value: string | null): string => (value === null ? 'NULL' : `"${value.replace(ESCAPED, '\\$&')}"`);
