import { accepted, executionData } from './job-execution-answer.ts';
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
import { inProgressDeadline, reportedStage } from './job-execution-progress.ts';
import type { StartNextRequest } from './job-execution-request.ts';
import { inHandOutOrder, STAGE, STATUS, type Execution } from './job-execution.ts';

/** Starts of one execution already in progress, within `confirm_within` of the first, that make a boot loop. */
const BOOT_LOOP_STARTS = 3;

/** Hands out what is in progress, else begins the oldest queued job; counts boots of what was in progress already. */
export function decideStartNext(state: ThingState, request: StartNextRequest, nowMs: number): Decision {
  const [front, ...behind] = inHandOutOrder(state.executions);
  if (front === undefined) return nothingToDo(request, nowMs);
  if (front.row.status === STATUS.queued) return begin(state, front, request, nowMs);
  // Its success waits for the version report; until then the device has nothing to do, and must not begin another job.
  if (front.row.stage === STAGE.claimed) return nothingToDo(request, nowMs);
  const isRepeat = request.clientToken !== null && front.row.startToken === request.clientToken;
  if (isRepeat || front.row.stage === STAGE.downloading) return handOut(front, request, nowMs);
  const counted = countBoot(front, request, nowMs);
  if (counted.after.status !== STATUS.failed) {
    return decided(state, [counted], answer(changedExecution(counted), request, nowMs), nowMs);
  }
  const next = behind[0];
  if (next === undefined) return decided(state, [counted], accepted({}, request.clientToken, nowMs), nowMs);
  if (next.row.status === STATUS.inProgress) return decided(state, [counted], answer(next, request, nowMs), nowMs);
  const begun = start(next, request, nowMs);
  return decided(state, [counted, begun], answer(changedExecution(begun), request, nowMs), nowMs);
}

const nothingToDo = (request: StartNextRequest, nowMs: number): Decision =>
  unchanged(accepted({}, request.clientToken, nowMs));

const handOut = (execution: Execution, request: StartNextRequest, nowMs: number): Decision =>
  unchanged(answer(execution, request, nowMs));

const answer = (execution: Execution, request: StartNextRequest, nowMs: number) =>
  accepted({ execution: executionData(execution) }, request.clientToken, nowMs);

function begin(state: ThingState, queued: Execution, request: StartNextRequest, nowMs: number): Decision {
  const begun = start(queued, request, nowMs);
  return decided(state, [begun], answer(changedExecution(begun), request, nowMs), nowMs);
}

function start(queued: Execution, request: StartNextRequest, nowMs: number): RowChange {
  const columns = {
    status: STATUS.inProgress,
    startedAtMs: nowMs,
    startToken: request.clientToken,
    stage: reportedStage(queued.row.stage, request.statusDetails),
    statusDetails: request.statusDetails ?? queued.row.statusDetails,
    deadlineAtMs: inProgressDeadline(queued.job, nowMs, request.stepTimeoutMinutes, nowMs),
  };
  return transition(queued, columns, nowMs);
}

/** One more boot noted, or the end of an execution that boots again and again. */
function countBoot(running: Execution, request: StartNextRequest, nowMs: number): RowChange {
  const { row, job } = running;
  const isFirst = row.bootsSinceMs === null || nowMs - row.bootsSinceMs > job.confirmWithinMs;
  const boots = isFirst ? 1 : row.boots + 1;
  const sinceMs = isFirst ? nowMs : (row.bootsSinceMs ?? nowMs);
  const counted = { boots, bootsSinceMs: sinceMs, startToken: request.clientToken };
  // Not an update in the protocol's sense, so the version stays: AWS leaves an execution in progress as it is.
  if (boots < BOOT_LOOP_STARTS) return change(running, counted, row.updatedAtMs);
  const statusDetails = { ...row.statusDetails, reason: 'boot-loop' };
  const evidence = { ...statusDetails, boots, withinMs: nowMs - sinceMs, version: job.version };
  return transition(running, { ...counted, status: STATUS.failed, statusDetails }, nowMs, evidence);
}
