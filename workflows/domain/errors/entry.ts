import type { ErrorKind } from './kinds.ts';

export interface Entry<Data> {
  readonly kind: ErrorKind;
  readonly message: (data: Data) => string;
  readonly hint: (data: Data) => string;
}

/** Declares one error; the type parameter is the data that its message needs. */
export function entry<Data extends object = Record<string, never>>(
  kind: ErrorKind,
  message: (data: Data) => string,
  hint: string | ((data: Data) => string),
): Entry<Data> {
  return { kind, message, hint: typeof hint === 'string' ? () => hint : hint };
}
