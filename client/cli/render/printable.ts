// What comes from people, files and devices may hold characters that a terminal obeys: they are shown, never sent.

/** Control characters, line separators, and marks that turn the direction of the text around them. */
const OBEYED = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const shown = (character: string): string => {
  const written = JSON.stringify(character).slice(1, -1);
  return written === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : written;
};

/** `text` with every character that a terminal would obey written as its code; line breaks too. */
export const escaped = (text: string): string => text.replace(OBEYED, shown);

/** The sequences by which this program itself colours. */
const COLOURS = /(\u001b\[(?:[0-2]|22|3[1-69])m)/;

/** `text` as it may be written to a terminal: of what it obeys line breaks remain, and colours where they are wanted. */
export function safeText(text: string, colour: boolean): string {
  const pieces = colour ? text.split(COLOURS) : [text];
  return pieces.map((piece, at) => (at % 2 === 1 ? piece : piece.split('\n').map(escaped).join('\n'))).join('');
}

/** JSON of which no character is obeyed by a terminal that it is printed to. */
export const safeJson = (data: unknown, indent?: number): string =>
  JSON.stringify(data, null, indent).replace(
    /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    shown,
  );

/** A renderer whose arguments are made printable first, all texts in them, names of keys as well. */
export const forPeople =
  <Arguments extends readonly unknown[]>(render: (...args: Arguments) => string) =>
  (...args: Arguments): string =>
    render(...(args.map(printable) as unknown as Arguments));

function printable(value: unknown): unknown {
  if (typeof value === 'string') return escaped(value);
  if (Array.isArray(value)) return value.map(printable);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [escaped(key), printable(one)]));
}
