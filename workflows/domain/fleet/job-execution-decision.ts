import { onlyStages } from './job-document.ts';
import { nextNotice, pendingNotice, type Answer, type Notice } from './job-execution-answer.ts';
import {
  inHandOutOrder,
  isTerminal,
  STATUS,
  type Execution,
  type ExecutionRow,
  type JobInfo,
  type JobStatus,
} from './job-execution.ts';

/** What is known of a thing when its request is decided. */
export interface ThingState {
  readonly thing: string;
  /** Its pending executions and the one that the request names. */
  readonly executions: readonly Execution[];
  /** The firmware of its last shadow report. */
  readonly reported: { readonly firmware: string; readonly atMs: number } | null;
}

/** One row's next state; written only while the row and its job's status are still what they were. */
export interface RowChange {
  readonly before: ExecutionRow;
  readonly after: ExecutionRow;
  readonly job: JobInfo;
  readonly jobStatus: JobStatus;
  /** Kept after the job is gone; null when the change needs no proof. */
  readonly evidence: Readonly<Record<string, unknown>> | null;
}

/** What a request leads to. The answer and the notices may leave only after the changes are committed. */
export interface Decision {
  readonly changes: readonly RowChange[];
  readonly answer: Answer;
  readonly notices: readonly Notice[];
  /** What the device runs by its own report, made while no job of it is in progress; null when it said nothing of that. */
  readonly presentFirmware: string | null;
}

/** Why an execution failed whose device said that it runs another version. */
export const OLD_VERSION_REPORTED = 'old-version-reported';

export const unchanged = (answer: Answer): Decision => ({ changes: [], answer, notices: [], presentFirmware: null });

/** `execution` with some columns changed, its last update being now. */
export function change(
  execution: Execution,
  columns: Partial<ExecutionRow>,
  nowMs: number,
  evidence: RowChange['evidence'] = null,
): RowChange {
  const after = { ...execution.row, ...columns, updatedAtMs: nowMs };
  return { before: execution.row, after, job: execution.job, jobStatus: execution.jobStatus, evidence };
}

/** `change` that counts as an update of the device's execution: the version rises by one, a terminal state has no deadline. */
export function transition(
  execution: Execution,
  columns: Partial<ExecutionRow> & { readonly status: ExecutionRow['status'] },
  nowMs: number,
  evidence: RowChange['evidence'] = null,
): RowChange {
  const versionNumber = execution.row.versionNumber + 1;
  const deadline = isTerminal(columns.status) ? { deadlineAtMs: null } : {};
  return change(execution, { ...columns, ...deadline, versionNumber }, nowMs, evidence);
}

/** The changed execution, for answers and notices. */
export const changedExecution = ({ after, job, jobStatus }: RowChange): Execution => ({ row: after, job, jobStatus });

/**
 * The version that a device runs by the report that made this change; null when it told of no install. A success that came
 * too late to count says it as well: the device reports what it runs, whatever the job came to. Not where the job came to
 * nothing because the device itself had said that it runs another version, and not where it was only to be staged.
 */
export function installedVersion({ before, after, job }: RowChange): string | null {
  if (onlyStages(job)) return null;
  const succeeds = after.status === STATUS.succeeded && before.status !== STATUS.succeeded;
  const isRefused = after.refusedSuccess && !before.refusedSuccess;
  const isDisproved = after.statusDetails?.['reason'] === OLD_VERSION_REPORTED;
  return succeeds || (isRefused && !isDisproved) ? job.version : null;
}

/** The pushes that follow from `changes`: the list when the pending set changed, the next job when the front did. */
function noticesAfter(state: ThingState, changes: readonly RowChange[], nowMs: number): Notice[] {
  const before = inHandOutOrder(state.executions);
  const after = inHandOutOrder(executionsAfter(state, changes));
  const notices: Notice[] = [];
  if (before.length !== after.length) notices.push(pendingNotice(state.thing, after, nowMs));
  if (before[0]?.row.jobSeq !== after[0]?.row.jobSeq) notices.push(nextNotice(state.thing, after, nowMs));
  return notices;
}

/** The executions of a thing once `changes` are made. */
export function executionsAfter({ executions }: ThingState, changes: readonly RowChange[]): Execution[] {
  return executions.map((execution) => {
    const changed = changes.find(({ before }) => before.jobSeq === execution.row.jobSeq);
    return changed === undefined ? execution : changedExecution(changed);
  });
}

/** A decision with the notices that follow from its changes. */
export function decided(state: ThingState, changes: readonly RowChange[], answer: Answer, nowMs: number): Decision {
  const notices = changes.length === 0 ? [] : noticesAfter(state, changes, nowMs);
  return { changes, answer, notices, presentFirmware: null };
}

/** Why a thing is told of its pending jobs although it asked nothing: one was released to it, or taken back from it. */
export type Occasion = 'release' | 'withdrawal';

/**
 * What a thing is told when a job was released to it or taken back, now or long ago: the list, and what comes next unless
 * it is in the middle of a job. After a withdrawal that may be nothing; a release that left nothing is not told.
 */
export function occasionNotices(state: ThingState, occasion: Occasion, nowMs: number): Notice[] {
  const front = inHandOutOrder(state.executions)[0];
  if (front === undefined && occasion === 'release') return [];
  const list = pendingNotice(state.thing, state.executions, nowMs);
  if (front?.row.status === STATUS.inProgress) return [list];
  return [list, nextNotice(state.thing, state.executions, nowMs)];
}
