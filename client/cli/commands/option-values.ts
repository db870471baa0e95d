import { InvalidArgumentError } from 'commander';

/** Reads an option that is a whole number from `from` to `to`. */
export function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (text.trim() !== '' && Number.isInteger(number) && number >= from && number <= to) return number;
    throw new InvalidArgumentError(`expected a whole number from ${from} to ${to}`);
  };
}

/** Reads an option that may be repeated and may hold several values between commas. */
export function listOfValues(text: string, before: readonly string[] = []): readonly string[] {
  const values = text.split(',').map((value) => value.trim());
  return [...before, ...values.filter((value) => value !== '')];
}

/** Reads a repeatable `name=value`. */
export function nameAndValue(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('expected NAME=VALUE');
  return { ...before, [text.slice(0, equals).trim()]: text.slice(equals + 1).trim() };
}
