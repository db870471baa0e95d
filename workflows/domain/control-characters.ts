/** What a terminal obeys instead of showing: escapes, line breaks, tabs. */
const CONTROL_CHARACTER = /\p{Cc}/u;

export const holdsControlCharacters = (text: string): boolean => CONTROL_CHARACTER.test(text);

/** `text` with every control character written out: `\u001b`. */
export const shownPlainly = (text: string): string =>
  text.replaceAll(/\p{Cc}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
