/** What an error means to its caller; the kind decides retry, HTTP status and exit code. */
export type ErrorKind =
  'INVALID' | 'FORBIDDEN' | 'NOT_FOUND' | 'CONFLICT' | 'TRANSIENT' | 'THROTTLED' | 'AMBIGUOUS' | 'EXPECTED_WAIT';

export interface KindMeaning {
  readonly httpStatus: number;
  readonly exitCode: number;
  readonly retried: boolean;
}

export const KIND_MEANING: Readonly<Record<ErrorKind, KindMeaning>> = {
  INVALID: { httpStatus: 422, exitCode: 2, retried: false },
  FORBIDDEN: { httpStatus: 403, exitCode: 3, retried: false },
  NOT_FOUND: { httpStatus: 404, exitCode: 4, retried: false },
  CONFLICT: { httpStatus: 409, exitCode: 5, retried: false },
  TRANSIENT: { httpStatus: 503, exitCode: 6, retried: true },
  THROTTLED: { httpStatus: 429, exitCode: 6, retried: true },
  AMBIGUOUS: { httpStatus: 502, exitCode: 6, retried: false },
  EXPECTED_WAIT: { httpStatus: 503, exitCode: 6, retried: true },
};

/** Exit code of a command whose run was watched to a bad end (failed, rolled back, cancelled, rollback incomplete). */
export const EXIT_RUN_NOT_COMPLETED = 7;
