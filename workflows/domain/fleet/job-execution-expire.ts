import { onlyStages } from './job-document.ts';
import {
  decided,
  transition,
  unchanged,
  type Decision,
  type RowChange,
  type ThingState,
} from './job-execution-decision.ts';
import type { ExpireRequest } from './job-execution-request.ts';
import { failOnOtherVersion } from './job-execution-success.ts';
import { STAGE, STATUS, type Execution } from './job-execution.ts';

/** Ends an execution in progress whose deadline has passed; anything else is left alone. */
export function decideExpire(state: ThingState, request: ExpireRequest, nowMs: number): Decision {
  const late = state.executions.find(({ job }) => job.jobId === request.jobId);
  if (late === undefined || late.row.status !== STATUS.inProgress) return unchanged({ kind: 'none' });
  const { deadlineAtMs } = late.row;
  if (deadlineAtMs === null || deadlineAtMs > nowMs) return unchanged({ kind: 'none' });
  return decided(state, [end(state, late, deadlineAtMs, nowMs)], { kind: 'none' }, nowMs);
}

function end({ reported }: ThingState, late: Execution, deadlineAtMs: number, nowMs: number): RowChange {
  const { row, job } = late;
  // It should have booted into the new version long since, and all that was heard of it after its last report is this.
  const isStillOld =
    !onlyStages(job) && row.stage === STAGE.rebooting && reported !== null && reported.firmware !== job.version;
  if (isStillOld && reported.atMs >= row.updatedAtMs) return failOnOtherVersion(late, {}, reported, nowMs);
  const statusDetails = { ...row.statusDetails, reason: reasonOfTimeOut(late) };
  const lastReport = reported && { reported: reported.firmware, reportedAt: new Date(reported.atMs).toISOString() };
  const deadlineAt = new Date(deadlineAtMs).toISOString();
  const evidence = { ...statusDetails, version: job.version, deadlineAt, ...lastReport };
  return transition(late, { status: STATUS.timedOut, statusDetails }, nowMs, evidence);
}

function reasonOfTimeOut({ row }: Execution): string {
  if (row.stage === STAGE.claimed) return 'version-not-reported';
  return row.stage >= STAGE.rebooting ? 'not-confirmed' : 'in-progress-timeout';
}
