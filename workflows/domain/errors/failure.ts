import { catalogue, type Code, type DataOf } from './catalogue.ts';
import { KIND_MEANING } from './kinds.ts';

/** Everything a person needs of an error, as plain JSON: one block in a terminal, one object in `--output json`. */
export interface ErrorReport {
  readonly code: Code;
  readonly message: string;
  /** Where it came from: a file and path, an option, a topic. Empty when there is no such place. */
  readonly where: string;
  /** What was found there instead. Empty when it adds nothing. */
  readonly found: string;
  /** What to do now. */
  readonly hint: string;
  /** Each place of a file that is not as it must be; `message` says the same in one text. */
  readonly problems?: readonly ReportedProblem[];
}

export interface ReportedProblem {
  /** Empty for the file itself. */
  readonly path: string;
  readonly expected: string;
  readonly got: string;
  readonly hint: string;
}

/** An error of the catalogue, thrown at the edges; activities turn it into a Temporal failure of the same code. */
export class SluiceError extends Error {
  readonly code: Code;
  readonly report: ErrorReport;

  constructor(report: ErrorReport, cause?: unknown) {
    super(report.message, cause === undefined ? undefined : { cause });
    this.name = 'SluiceError';
    this.code = report.code;
    this.report = report;
  }

  get exitCode(): number {
    return KIND_MEANING[catalogue[this.code].kind].exitCode;
  }

  get httpStatus(): number {
    return KIND_MEANING[catalogue[this.code].kind].httpStatus;
  }
}

export interface Place {
  readonly where?: string;
  readonly found?: string;
  /** Replaces the catalogue's hint where the place knows a better one. */
  readonly hint?: string;
  readonly problems?: readonly ReportedProblem[];
  readonly cause?: unknown;
}

/** The catalogue's error `code` with its data put into the message. */
export function sluiceError<C extends Code>(code: C, data: DataOf<C>, place: Place = {}): SluiceError {
  return new SluiceError(errorReport(code, data, place), place.cause);
}

/** The same as plain JSON, for workflow code and answers that are values. */
export function errorReport<C extends Code>(code: C, data: DataOf<C>, place: Place = {}): ErrorReport {
  const entry = catalogue[code];
  const message = (entry.message as (data: DataOf<C>) => string)(data);
  const hint = place.hint ?? (entry.hint as (data: DataOf<C>) => string)(data);
  const { where = '', found = '', problems } = place;
  return { code, message, where, found, hint, ...(problems && { problems }) };
}
