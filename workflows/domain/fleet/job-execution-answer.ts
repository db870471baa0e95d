import type { JobDocument } from './job-document.ts';
import {
  inHandOutOrder,
  STATUS,
  STATUS_NAMES,
  type Execution,
  type StatusDetails,
  type StatusName,
} from './job-execution.ts';

// Payloads of AWS IoT Jobs' device plane. Its timestamps are seconds.

export type RejectionCode =
  | 'InvalidTopic'
  | 'InvalidJson'
  | 'InvalidRequest'
  | 'InvalidStateTransition'
  | 'ResourceNotFound'
  | 'VersionMismatch'
  | 'InternalError'
  | 'RequestThrottled';

export interface ExecutionState {
  readonly status: StatusName;
  readonly statusDetails: StatusDetails;
  readonly versionNumber: number;
}

export interface ExecutionSummary {
  readonly jobId: string;
  readonly queuedAt: number;
  readonly startedAt?: number;
  readonly lastUpdatedAt: number;
  readonly versionNumber: number;
  readonly executionNumber: number;
}

export interface ExecutionData extends ExecutionSummary {
  readonly thingName: string;
  readonly status: StatusName;
  readonly statusDetails: StatusDetails;
  readonly jobDocument?: JobDocument;
}

export interface AcceptedBody {
  readonly execution?: ExecutionData;
  readonly executionState?: ExecutionState;
  readonly jobDocument?: JobDocument;
  readonly inProgressJobs?: readonly ExecutionSummary[];
  readonly queuedJobs?: readonly ExecutionSummary[];
  readonly timestamp: number;
  readonly clientToken?: string;
}

export interface RejectedBody {
  readonly code: RejectionCode;
  readonly message: string;
  readonly timestamp: number;
  readonly clientToken?: string;
  readonly executionState?: ExecutionState;
}

/** `none`: nobody waits for an answer. */
export type Answer =
  | { readonly kind: 'accepted'; readonly body: AcceptedBody }
  | { readonly kind: 'rejected'; readonly body: RejectedBody }
  | { readonly kind: 'none' };

/** What is pushed to a device whose pending jobs changed. */
export type Notice =
  | { readonly topic: 'notify'; readonly thing: string; readonly payload: PendingChanged }
  | { readonly topic: 'notify-next'; readonly thing: string; readonly payload: NextChanged };

interface PendingChanged {
  readonly timestamp: number;
  readonly jobs: Readonly<Partial<Record<'QUEUED' | 'IN_PROGRESS', readonly ExecutionSummary[]>>>;
}

interface NextChanged {
  readonly timestamp: number;
  readonly execution: ExecutionData | Readonly<Record<string, never>>;
}

/** AWS lists no more than this in `notify`. */
const LISTED_PENDING = 15;

const seconds = (ms: number): number => Math.floor(ms / 1000);

export function accepted(
  body: Omit<AcceptedBody, 'timestamp' | 'clientToken'>,
  clientToken: string | null,
  nowMs: number,
): Answer {
  return {
    kind: 'accepted',
    body: { ...body, timestamp: seconds(nowMs), ...(clientToken !== null && { clientToken }) },
  };
}

interface Refusal {
  readonly code: RejectionCode;
  readonly message: string;
  readonly executionState?: ExecutionState;
}

export const rejected = (refusal: Refusal, clientToken: string | null, nowMs: number): Answer => ({
  kind: 'rejected',
  body: rejectedBody(refusal, clientToken, nowMs),
});

export const rejectedBody = (refusal: Refusal, clientToken: string | null, nowMs: number): RejectedBody => ({
  ...refusal,
  timestamp: seconds(nowMs),
  ...(clientToken !== null && { clientToken }),
});

export const executionState = ({ row }: Execution): ExecutionState => ({
  status: STATUS_NAMES[row.status],
  statusDetails: row.statusDetails ?? {},
  versionNumber: row.versionNumber,
});

export function executionSummary({ row, job }: Execution): ExecutionSummary {
  return {
    jobId: job.jobId,
    queuedAt: seconds(row.queuedAtMs),
    ...(row.startedAtMs !== null && { startedAt: seconds(row.startedAtMs) }),
    lastUpdatedAt: seconds(row.updatedAtMs),
    versionNumber: row.versionNumber,
    executionNumber: row.executionNumber,
  };
}

export function executionData(execution: Execution, includeJobDocument = true): ExecutionData {
  return {
    ...executionSummary(execution),
    thingName: execution.row.thing,
    status: STATUS_NAMES[execution.row.status],
    statusDetails: execution.row.statusDetails ?? {},
    ...(includeJobDocument && { jobDocument: execution.job.document }),
  };
}

/** The list of pending jobs, as `notify` carries it. */
export function pendingNotice(thing: string, pending: readonly Execution[], nowMs: number): Notice {
  const listed = inHandOutOrder(pending).slice(0, LISTED_PENDING);
  const running = listed.filter(({ row }) => row.status === STATUS.inProgress).map(executionSummary);
  const queued = listed.filter(({ row }) => row.status === STATUS.queued).map(executionSummary);
  const jobs = { ...(queued.length > 0 && { QUEUED: queued }), ...(running.length > 0 && { IN_PROGRESS: running }) };
  return { topic: 'notify', thing, payload: { timestamp: seconds(nowMs), jobs } };
}

/** What is handed out next, as `notify-next` carries it; an empty execution says: nothing. */
export function nextNotice(thing: string, pending: readonly Execution[], nowMs: number): Notice {
  const next = inHandOutOrder(pending)[0];
  return {
    topic: 'notify-next',
    thing,
    payload: { timestamp: seconds(nowMs), execution: next === undefined ? {} : executionData(next) },
  };
}
