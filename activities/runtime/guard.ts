import { TemporalFailure } from '@temporalio/common';
import { errorReport, SluiceError } from '#domain/errors/failure.ts';
import { isPassingDatabaseError } from '../adapters/postgres/passing-error.ts';
import { failureOf } from './fail.ts';

/** An activity whose errors are the catalogue's: those of domain and adapters, and a database that is away (tried again). */
export function guarded<Input, Output>(work: (input: Input) => Promise<Output>): (input: Input) => Promise<Output> {
  return async (input) => {
    try {
      return await work(input);
    } catch (error) {
      throw explained(error);
    }
  };
}

function explained(error: unknown): unknown {
  // Explained already, though its words may name what the database said.
  if (error instanceof TemporalFailure) return error;
  if (error instanceof SluiceError) return failureOf(error.report, { cause: error });
  if (isPassingDatabaseError(error)) {
    return failureOf(errorReport('DATABASE_ERROR', { why: error.message }), { cause: error });
  }
  return error;
}
