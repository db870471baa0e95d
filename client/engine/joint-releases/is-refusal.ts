import { catalogue } from '#domain/errors/catalogue.ts';
import { SluiceError } from '#domain/errors/failure.ts';

/** True for a no that another try would not change; a part that is away is none. */
export const isRefusal = (error: unknown): error is SluiceError =>
  error instanceof SluiceError &&
  ['INVALID', 'FORBIDDEN', 'NOT_FOUND', 'CONFLICT'].includes(catalogue[error.code].kind);
