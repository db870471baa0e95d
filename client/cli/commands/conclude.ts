import type { SluiceError } from '#domain/errors/failure.ts';
import type { CliContext } from '../context.ts';
import { errorDocument } from '../render/error.ts';

export interface Conclusion {
  readonly data: object;
  readonly text: string;
}

/**
 * Prints a result that is not all good: for people the result, then the error's block; for programs one document with
 * both. The exit code is the error's.
 */
export function concludeWith(context: CliContext, { data, text }: Conclusion, error: SluiceError): void {
  if (context.output === 'json') {
    context.print({ ...data, ...errorDocument(error.report) }, text);
    context.exitWith(error.exitCode);
    return;
  }
  context.print(data, text);
  throw error;
}
