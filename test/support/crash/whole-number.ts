/** A count that somebody asked for; `what` names where. Throws for anything but a whole number above 0. */
export function wholeNumber(text: string, what: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`${what}: expected a whole number above 0, got ${text === '' ? 'nothing' : text}`);
}
