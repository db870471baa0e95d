import { ApplicationFailure } from '@temporalio/common';
import {
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { isCode } from '#domain/errors/catalogue.ts';
import { SluiceError, type ErrorReport } from '#domain/errors/failure.ts';

/** What a failed call to a run's workflow means. */
export type CallFailure =
  /** The run's validator said no, with the reason. */
  | { readonly kind: 'refused'; readonly error: SluiceError }
  /** Closed or unknown: Temporal answers both alike. */
  | { readonly kind: 'gone' }
  /** Accepted by a run that ended before it answered. */
  | { readonly kind: 'ended-meanwhile' }
  /** No answer in time: nobody can say whether it took effect. */
  | { readonly kind: 'unanswered' }
  /** The server could not be reached; asking again is harmless. */
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'other' };

const UNREACHABLE_CODES = new Set([4, 8, 10, 14]); // DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, UNAVAILABLE

/** INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED, FAILED_PRECONDITION, OUT_OF_RANGE, UNIMPLEMENTED, UNAUTHENTICATED. */
const REFUSAL_CODES = new Set([3, 5, 6, 7, 9, 11, 12, 16]);

/** Whether the server may have done what it was asked: only its own word, or a call that never left, rules that out. */
export function mayHaveArrived(error: unknown): boolean {
  const code = error instanceof Error ? grpcCode(error) : undefined;
  return code !== undefined && !REFUSAL_CODES.has(code);
}

/** Reads an error of the Temporal client by what the caller has to do about it. */
export function readCallFailure(error: unknown): CallFailure {
  if (error instanceof WorkflowUpdateFailedError) return readUpdateFailure(error.cause);
  if (error instanceof WorkflowNotFoundError) return { kind: 'gone' };
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return { kind: 'unanswered' };
  if (error instanceof ServiceError || isGrpcError(error)) {
    const code = grpcCode(error);
    return code !== undefined && UNREACHABLE_CODES.has(code) ? { kind: 'unreachable' } : { kind: 'other' };
  }
  return { kind: 'other' };
}

function readUpdateFailure(cause: unknown): CallFailure {
  if (!(cause instanceof ApplicationFailure) || !cause.type) return { kind: 'other' };
  if (cause.type === 'AcceptedUpdateCompletedWorkflow') return { kind: 'ended-meanwhile' };
  const report = cause.details?.[0] as ErrorReport | undefined;
  if (isCode(cause.type) && report?.code === cause.type)
    return { kind: 'refused', error: new SluiceError(report, cause) };
  return { kind: 'other' };
}

const isGrpcError = (error: unknown): boolean => error instanceof Error && typeof grpcCode(error) === 'number';

function grpcCode(error: unknown): number | undefined {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === 'number') return code;
  return cause === undefined || cause === null ? undefined : grpcCode(cause);
}
