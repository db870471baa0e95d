/** What is wrong with where firmware bytes come from, in the catalogue's words. */
import { sluiceError, type SluiceError } from '#domain/errors/failure.ts';
import { whyUnreadable } from '../file-reasons.ts';

export interface UnreadablePlace {
  readonly hint?: string;
  readonly cause?: unknown;
}

export const unreadable = (source: string, why: string, place: UnreadablePlace = {}): SluiceError =>
  sluiceError('ARTIFACT_UNREADABLE', { source, why }, { where: 'FILE|URL', found: source, ...place });

export const tooLarge = (source: string, maxSizeBytes: number): SluiceError =>
  sluiceError('ARTIFACT_TOO_LARGE', { source, maxSizeBytes }, { where: 'FILE|URL', found: source });

/** The error as ours: it stays what it is when it is one already. */
export function asUnreadable(source: string, error: unknown): unknown {
  if (!(error instanceof Error) || 'report' in error) return error;
  // Several addresses of one name fail as one error without words of its own.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error.cause;
  const cause = first instanceof Error ? first : error;
  return unreadable(source, whyUnreadable(cause), { cause: error });
}
