import { deadlineAfterReport } from './job-execution-progress.ts';
import { transition, type RowChange, type ThingState } from './job-execution-decision.ts';
import type { UpdateRequest } from './job-execution-request.ts';
import { STAGE, STATUS, type Execution, type ExecutionRow } from './job-execution.ts';

/** A report of success with the columns that it sets whatever becomes of it. */
interface Claim {
  readonly request: UpdateRequest;
  readonly reported: Pick<ExecutionRow, 'stage' | 'statusDetails' | 'lastToken'>;
}

/**
 * What becomes of a reported success. It stands when nothing speaks against it and, with `confirm: reported`, when the
 * shadow said the job's version since the start. Another version said since the device's last report is a failure;
 * nothing said yet leaves the execution in progress (`claimed`) until the shadow or the deadline decides.
 */
export function settleSuccess(state: ThingState, execution: Execution, claim: Claim, nowMs: number): RowChange {
  const { row, job } = execution;
  const told = otherVersionTold(execution, claim.request);
  if (told !== null) return failOnOtherVersion(execution, claim.reported, told, nowMs);
  const succeeded = () => transition(execution, { ...claim.reported, status: STATUS.succeeded }, nowMs);
  if (job.confirm === 'succeeded') return succeeded();
  const shadow = state.reported;
  const isSinceStart = shadow !== null && shadow.atMs >= (row.startedAtMs ?? row.queuedAtMs);
  if (isSinceStart && shadow.firmware === job.version) return succeeded();
  // An older report of another version proves nothing: the device may have said it before it installed.
  if (isSinceStart && shadow.atMs >= row.updatedAtMs) {
    return failOnOtherVersion(execution, claim.reported, shadow.firmware, nowMs);
  }
  const waiting = {
    ...claim.reported,
    status: STATUS.inProgress,
    stage: STAGE.claimed,
    startedAtMs: row.startedAtMs ?? nowMs,
    deadlineAtMs: deadlineAfterReport(execution, claim.request, STAGE.claimed, nowMs),
  };
  return transition(execution, waiting, nowMs);
}

/** The version that a report of success itself names instead of the job's. */
export function otherVersionTold({ job }: Execution, { statusDetails }: UpdateRequest): string | null {
  const told = statusDetails?.['firmware'] ?? job.version;
  return told === job.version ? null : told;
}

/** The end of an execution whose device says that it runs another version than the job's. */
export function failOnOtherVersion(
  execution: Execution,
  columns: Partial<ExecutionRow>,
  firmware: string,
  nowMs: number,
): RowChange {
  const statusDetails = {
    ...(columns.statusDetails ?? execution.row.statusDetails),
    reason: 'old-version-reported',
    firmware,
  };
  const evidence = { ...statusDetails, version: execution.job.version, reportedAt: new Date(nowMs).toISOString() };
  return transition(execution, { ...columns, status: STATUS.failed, statusDetails }, nowMs, evidence);
}
