import type { JobDocument } from './job-document.ts';

// What one device's execution of one job is. The numbers stand in `job_executions.status` and `.stage`.

export const STATUS = {
  queued: 0,
  inProgress: 1,
  succeeded: 2,
  failed: 3,
  timedOut: 4,
  rejected: 5,
  canceled: 6,
} as const;
export type StatusCode = (typeof STATUS)[keyof typeof STATUS];

/** The status as AWS IoT Jobs spells it, by its code. */
export const STATUS_NAMES = [
  'QUEUED',
  'IN_PROGRESS',
  'SUCCEEDED',
  'FAILED',
  'TIMED_OUT',
  'REJECTED',
  'CANCELED',
] as const satisfies readonly string[];
export type StatusName = (typeof STATUS_NAMES)[number];

/**
 * How far the device's own word says it came; never turned back, so that `installing` still stands there after a crash.
 * `booted`: it started again after it said `rebooting`. `claimed`: success was reported, the running version that has to
 * prove it was not.
 */
export const STAGE = { unknown: 0, downloading: 1, installing: 2, rebooting: 3, booted: 4, claimed: 5 } as const;
export type StageCode = (typeof STAGE)[keyof typeof STAGE];

export type StatusDetails = Readonly<Record<string, string>>;
export type JobStatus = 'open' | 'held' | 'cancelled';

/** A start of the device in the middle of an execution, known by its `start-next`. */
export interface Boot {
  readonly atMs: number;
  readonly token: string | null;
}

/** A row of `job_executions`. Instants are milliseconds since 1970. */
export interface ExecutionRow {
  readonly thing: string;
  readonly jobSeq: number;
  readonly versionNumber: number;
  readonly status: StatusCode;
  readonly executionNumber: number;
  readonly stage: StageCode;
  /** The last boots, oldest first; no more than it takes to know a boot loop by the next one. */
  readonly boots: readonly Boot[];
  readonly refusedSuccess: boolean;
  readonly cancelAcknowledged: boolean;
  readonly queuedAtMs: number;
  readonly startedAtMs: number | null;
  readonly updatedAtMs: number;
  readonly deadlineAtMs: number | null;
  /** Token of the start-next that began it. */
  readonly startToken: string | null;
  /** The last recorded update: its token and a fingerprint of what it said. */
  readonly lastToken: string | null;
  readonly statusDetails: StatusDetails | null;
}

/** What a job never changes. */
export interface JobInfo {
  readonly seq: number;
  readonly jobId: string;
  readonly version: string;
  readonly document: JobDocument;
  readonly inProgressTimeoutMs: number;
  readonly confirmWithinMs: number;
  readonly confirm: 'succeeded' | 'reported';
}

export interface Execution {
  readonly row: ExecutionRow;
  readonly job: JobInfo;
  readonly jobStatus: JobStatus;
}

export const isTerminal = (status: StatusCode): boolean => status >= STATUS.succeeded;

/** True while the device may begin or go on with it: a held job hands out nothing queued, a cancelled one nothing at all. */
function isPending({ row, jobStatus }: Execution): boolean {
  if (row.status === STATUS.inProgress) return jobStatus !== 'cancelled';
  return row.status === STATUS.queued && jobStatus === 'open';
}

/** Pending executions in the order in which they are handed out: in progress first, then as they were created. */
export function inHandOutOrder(executions: readonly Execution[]): Execution[] {
  return executions.filter(isPending).sort((a, b) => b.row.status - a.row.status || a.row.jobSeq - b.row.jobSeq);
}
