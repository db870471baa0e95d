import { onlyStages } from './job-document.ts';
import { deadlineAfterReport } from './job-execution-progress.ts';
import { OLD_VERSION_REPORTED, transition, type RowChange, type ThingState } from './job-execution-decision.ts';
import type { UpdateRequest } from './job-execution-request.ts';
import { STAGE, STATUS, type Execution, type ExecutionRow } from './job-execution.ts';

/** A report of success with the columns that it sets whatever becomes of it. */
interface Claim {
  readonly request: UpdateRequest;
  readonly reported: Pick<ExecutionRow, 'stage' | 'statusDetails' | 'lastToken'>;
}

/**
 * What becomes of a reported success. It stands when nothing speaks against it and, with `confirm: reported`, when the
 * shadow's last word since the start is the job's version. Another version told earlier proves nothing, because the device
 * ran it until it booted: the execution stays in progress (`claimed`) until the next report or the deadline decides. What
 * was only staged runs nowhere yet, so there is nothing to prove.
 */
export function settleSuccess(state: ThingState, execution: Execution, claim: Claim, nowMs: number): RowChange {
  const { row, job } = execution;
  const told = otherVersionTold(execution, claim.request);
  if (told !== null) {
    return failOnOtherVersion(execution, claim.reported, { firmware: told, atMs: nowMs }, nowMs);
  }
  if (job.confirm === 'succeeded' || onlyStages(job) || isProven(state, execution)) {
    return transition(execution, { ...claim.reported, status: STATUS.succeeded }, nowMs);
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

const isProven = ({ reported }: ThingState, { row, job }: Execution): boolean =>
  reported?.firmware === job.version && reported.atMs >= (row.startedAtMs ?? row.queuedAtMs);

/** The version that a report of success itself names instead of the job's. */
export function otherVersionTold({ job }: Execution, { statusDetails }: UpdateRequest): string | null {
  if (onlyStages(job)) return null;
  const told = statusDetails?.['firmware'] ?? job.version;
  return told === job.version ? null : told;
}

/** The end of an execution whose device said that it runs another version than the job's. */
export function failOnOtherVersion(
  execution: Execution,
  columns: Partial<ExecutionRow>,
  told: NonNullable<ThingState['reported']>,
  nowMs: number,
): RowChange {
  const statusDetails = {
    ...(columns.statusDetails ?? execution.row.statusDetails),
    reason: OLD_VERSION_REPORTED,
    firmware: told.firmware,
  };
  const reportedAt = new Date(told.atMs).toISOString();
  const evidence = { ...statusDetails, version: execution.job.version, reportedAt };
  return transition(execution, { ...columns, status: STATUS.failed, statusDetails }, nowMs, evidence);
}
