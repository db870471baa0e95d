import { accepted, executionState, rejected, type Answer, type RejectionCode } from './job-execution-answer.ts';
import { onlyStages } from './job-document.ts';
import {
  change,
  changedExecution,
  decided,
  transition,
  unchanged,
  type Decision,
  type RowChange,
  type ThingState,
} from './job-execution-decision.ts';
import { deadlineAfterReport, reportedStage, updateToken } from './job-execution-progress.ts';
import type { UpdateRequest } from './job-execution-request.ts';
import { isTerminal, STATUS, STATUS_NAMES, type Execution } from './job-execution.ts';
import { otherVersionTold, settleSuccess } from './job-execution-success.ts';

/** Applies a device's report, or refuses it with the execution's present state. */
export function decideUpdate(state: ThingState, request: UpdateRequest, nowMs: number): Decision {
  const execution = state.executions.find(({ job }) => job.jobId === request.jobId);
  const isOtherNumber = request.executionNumber !== null && request.executionNumber !== execution?.row.executionNumber;
  if (execution === undefined || isOtherNumber) {
    const message = `no execution of job ${request.jobId} for ${request.thing}`;
    return unchanged(rejected({ code: 'ResourceNotFound', message }, request.clientToken, nowMs));
  }
  const { row, jobStatus } = execution;
  const token = updateToken(request);
  if (token !== null && row.lastToken === token) return unchanged(answerRepeat(execution, request, nowMs));
  if (isTerminal(row.status)) return refuseAfterEnd(state, execution, request, nowMs);
  if (jobStatus === 'cancelled') return acknowledgeCancel(state, execution, request, nowMs);
  if (request.expectedVersion !== null && request.expectedVersion !== row.versionNumber) {
    const message = `expected version ${request.expectedVersion}, it is ${row.versionNumber}`;
    return unchanged(refusal({ code: 'VersionMismatch', message }, execution, request, nowMs));
  }
  if (jobStatus === 'held' && row.status === STATUS.queued) {
    return unchanged(refusal(invalid('the job is held'), execution, request, nowMs));
  }
  const applied = apply(state, execution, request, nowMs);
  return decided(state, [applied], answerApplied(changedExecution(applied), request, nowMs), nowMs);
}

function apply(state: ThingState, execution: Execution, request: UpdateRequest, nowMs: number): RowChange {
  const { row } = execution;
  const reported = {
    stage: reportedStage(row.stage, request.statusDetails),
    statusDetails: request.statusDetails ?? row.statusDetails,
    lastToken: updateToken(request),
  };
  switch (request.status) {
    case 'IN_PROGRESS': {
      const deadlineAtMs = deadlineAfterReport(execution, request, reported.stage, nowMs);
      const startedAtMs = row.startedAtMs ?? nowMs;
      return transition(execution, { ...reported, status: STATUS.inProgress, startedAtMs, deadlineAtMs }, nowMs);
    }
    case 'SUCCEEDED':
      return settleSuccess(state, execution, { request, reported }, nowMs);
    case 'FAILED':
      return transition(execution, { ...reported, status: STATUS.failed }, nowMs, evidenceOf(reported, execution));
    case 'REJECTED':
      return transition(execution, { ...reported, status: STATUS.rejected }, nowMs, evidenceOf(reported, execution));
  }
}

const evidenceOf = (reported: Pick<Execution['row'], 'statusDetails'>, { job }: Execution) => ({
  ...reported.statusDetails,
  version: job.version,
});

/** The device's word that it knows of the cancel; its success says too that it may run the new version. */
function acknowledgeCancel(state: ThingState, execution: Execution, request: UpdateRequest, nowMs: number): Decision {
  const acknowledged = transition(
    execution,
    {
      status: STATUS.canceled,
      stage: reportedStage(execution.row.stage, request.statusDetails),
      statusDetails: request.statusDetails ?? execution.row.statusDetails,
      cancelAcknowledged: true,
      refusedSuccess: saysNewVersion(execution, request),
      lastToken: updateToken(request),
    },
    nowMs,
  );
  const answer = refusal(invalid('the job was cancelled'), changedExecution(acknowledged), request, nowMs);
  return decided(state, [acknowledged], answer, nowMs);
}

const saysNewVersion = (execution: Execution, request: UpdateRequest): boolean =>
  request.status === 'SUCCEEDED' && !onlyStages(execution.job) && otherVersionTold(execution, request) === null;

/**
 * Refused; what says that the device may be on the new version all the same is noted: a success after another end, and how
 * far it came with a cancelled job that it had not let go of.
 */
function refuseAfterEnd(state: ThingState, execution: Execution, request: UpdateRequest, nowMs: number): Decision {
  const { row } = execution;
  const answer = refusal(invalid(endedAs(execution)), execution, request, nowMs);
  const isSuccess = saysNewVersion(execution, request) && row.status !== STATUS.succeeded;
  const refusedSuccess = row.refusedSuccess || isSuccess;
  const stage = row.status === STATUS.canceled ? reportedStage(row.stage, request.statusDetails) : row.stage;
  if (refusedSuccess === row.refusedSuccess && stage === row.stage) return unchanged(answer);
  return decided(state, [change(execution, { refusedSuccess, stage }, row.updatedAtMs)], answer, nowMs);
}

/** The answer to a report that is recorded already, from the row: refused when the execution ended in another way. */
function answerRepeat(execution: Execution, request: UpdateRequest, nowMs: number): Answer {
  const endedOtherwise = isTerminal(execution.row.status) && STATUS_NAMES[execution.row.status] !== request.status;
  if (endedOtherwise) return refusal(invalid(endedAs(execution)), execution, request, nowMs);
  return answerRecorded(execution, request, nowMs);
}

/** A success that its proof contradicts is recorded as failed and refused, so that the device knows. */
function answerApplied(execution: Execution, request: UpdateRequest, nowMs: number): Answer {
  const isContradicted = request.status === 'SUCCEEDED' && execution.row.status === STATUS.failed;
  if (!isContradicted) return answerRecorded(execution, request, nowMs);
  return refusal(invalid('another version is running'), execution, request, nowMs);
}

function answerRecorded(execution: Execution, request: UpdateRequest, nowMs: number): Answer {
  const body = {
    ...(request.includeJobExecutionState && { executionState: executionState(execution) }),
    ...(request.includeJobDocument && { jobDocument: execution.job.document }),
  };
  return accepted(body, request.clientToken, nowMs);
}

const endedAs = ({ row }: Execution): string => `the execution ended as ${STATUS_NAMES[row.status]}`;

function refusal(
  why: { readonly code: RejectionCode; readonly message: string },
  execution: Execution,
  request: UpdateRequest,
  nowMs: number,
): Answer {
  return rejected({ ...why, executionState: executionState(execution) }, request.clientToken, nowMs);
}

const invalid = (message: string) => ({ code: 'InvalidStateTransition' as const, message });
