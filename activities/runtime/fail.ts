import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { catalogue, type Code, type DataOf } from '#domain/errors/catalogue.ts';
import { errorReport, type ErrorReport, type Place } from '#domain/errors/failure.ts';
import { KIND_MEANING } from '#domain/errors/kinds.ts';

/** Where it happened, and for errors that are tried again: when. */
export interface FailurePlace extends Place {
  readonly nextRetryDelayMs?: number;
}

/** The only way an activity throws: the catalogue's error as a Temporal failure; its kind decides whether it is tried again. */
export function fail<C extends Code>(code: C, data: DataOf<C>, place: FailurePlace = {}): never {
  throw failureOf(errorReport(code, data, place), place);
}

/** The Temporal failure behind a report: type = code, details = the report. */
export function failureOf(report: ErrorReport, place: FailurePlace = {}): ApplicationFailure {
  const { kind } = catalogue[report.code];
  return ApplicationFailure.create({
    type: report.code,
    message: report.message,
    nonRetryable: !KIND_MEANING[kind].retried,
    details: [report],
    ...(kind === 'EXPECTED_WAIT' && { category: ApplicationFailureCategory.BENIGN }),
    ...(place.nextRetryDelayMs !== undefined && { nextRetryDelay: place.nextRetryDelayMs }),
    ...(place.cause instanceof Error && { cause: place.cause }),
  });
}
