import { InvalidArgumentError } from 'commander';

/** Reads an option that is a whole number from `from` to `to`. */
export function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (text.trim() !== '' && Number.isInteger(number) && number >= from && number <= to) return number;
    throw new InvalidArgumentError(`expected a whole number from ${from} to ${to}`);
  };
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/** Reads a size of at least one byte: `1500000`, `500MB`, `2GiB`. */
export function bytes(text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text.trim()) ?? [];
  const size = Math.floor(Number(number) * (UNITS[unit.toLowerCase()] ?? NaN));
  if (number !== '' && size >= 1 && Number.isSafeInteger(size)) return size;
  throw new InvalidArgumentError('expected a size such as 500MB or 2GiB');
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
