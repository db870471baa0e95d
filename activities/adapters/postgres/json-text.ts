/** Control characters but tab and line breaks: jsonb refuses the first of them, terminals obey many. */
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/**
 * `value` as JSON that PostgreSQL takes as jsonb, whatever foreign programs and devices put into its texts: control
 * characters are written out (`\x00`), half surrogate pairs become U+FFFD.
 */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) => (typeof item === 'string' ? storable(item) : item));

const storable = (text: string): string =>
  text.toWellFormed().replace(CONTROLS, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`);
