import { HIDDEN, redactText } from '../redaction.ts';

/** `$NAME`, `${NAME}`, `$(command)` or a command in backticks: where a shell finds the secret. */
const SHELL_REFERENCE = /\$(?:\{[^}]*\}|\([^)]*\)|[A-Za-z_][A-Za-z0-9_]*)|`[^`]*`/g;
const MARK = '\u0001';

/** Whether a text (an address, a command) has a credential written out in it; one that only refers to it has none. */
export function hasCredentialsInside(text: string): boolean {
  const marked = text.replaceAll(SHELL_REFERENCE, MARK);
  const shown = redactText(marked);
  return count(shown, HIDDEN) - count(marked, HIDDEN) > count(marked, MARK) - count(shown, MARK);
}

const count = (text: string, part: string): number => text.split(part).length - 1;
