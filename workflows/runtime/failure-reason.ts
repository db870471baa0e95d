import { ApplicationFailure, type ActivityFailure } from '@temporalio/workflow';
import { isCode } from '#domain/errors/catalogue.ts';

/** Why an activity failed, in the words of what failed in it, with the catalogue's code where there is one. */
export function reasonOf(failure: ActivityFailure): string {
  const { cause } = failure;
  if (!cause) return failure.message;
  const code = cause instanceof ApplicationFailure ? (cause.type ?? '') : '';
  return isCode(code) ? `${cause.message} (${code})` : cause.message;
}
