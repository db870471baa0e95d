import { accepted, executionData } from './job-execution-answer.ts';
import {
  change,
  changedExecution,
  decided,
  transition,
  type Decision,
  type RowChange,
  type ThingState,
} from './job-execution-decision.ts';
import { inProgressDeadline, reportedStage } from './job-execution-progress.ts';
import type { StartNextRequest } from './job-execution-request.ts';
import { inHandOutOrder, STAGE, STATUS, type Execution } from './job-execution.ts';

/** Boots in the middle of one execution, any three of them within `confirm_within`, that make a boot loop. */
const BOOT_LOOP_STARTS = 3;
/** A second start-next without a token so soon is the first one, delivered again; no device boots as fast. */
const REDELIVERED_WITHIN_MS = 2_000;

interface HandOut {
  readonly changes: readonly RowChange[];
  /** Null when the device has nothing to do. */
  readonly execution: Execution | null;
}

const NOTHING: HandOut = { changes: [], execution: null };

/**
 * Hands out what is in progress, else begins the oldest queued job; counts boots of what was in progress already. What is
 * in progress of a cancelled job ends here: the device learns by the answer that it is not its next job any more.
 */
export function decideStartNext(state: ThingState, request: StartNextRequest, nowMs: number): Decision {
  const acknowledged = state.executions
    .filter(isCancelledInProgress)
    .map((execution) => endCancelled(execution, nowMs));
  const { changes, execution } = handOut(inHandOutOrder(state.executions), request, nowMs);
  const body = execution === null ? {} : { execution: executionData(execution) };
  return decided(state, [...acknowledged, ...changes], accepted(body, request.clientToken, nowMs), nowMs);
}

const isCancelledInProgress = ({ row, jobStatus }: Execution): boolean =>
  row.status === STATUS.inProgress && jobStatus === 'cancelled';

/** Its stage stays: how far the device came tells whether it may be on the new version. */
const endCancelled = (execution: Execution, nowMs: number): RowChange =>
  transition(execution, { status: STATUS.canceled, cancelAcknowledged: true }, nowMs);

function handOut(pending: readonly Execution[], request: StartNextRequest, nowMs: number): HandOut {
  const [front, ...behind] = pending;
  if (front === undefined) return NOTHING;
  if (front.row.status === STATUS.queued) return withChange(start(front, request, nowMs));
  // Its success waits for the version report; until then the device has nothing to do, and must not begin another job.
  if (front.row.stage === STAGE.claimed) return NOTHING;
  if (!request.countsAsBoot || isRepeat(front, request, nowMs)) return { changes: [], execution: front };
  const booted = countBoot(front, request, nowMs);
  if (booted.after.status === STATUS.inProgress) return withChange(booted);
  const next = handOut(behind, request, nowMs);
  return { ...next, changes: [booted, ...next.changes] };
}

const withChange = (made: RowChange): HandOut => ({ changes: [made], execution: changedExecution(made) });

/** True when the same start-next was answered with this execution before. The broker's mark for that is not reliable. */
function isRepeat({ row }: Execution, { clientToken }: StartNextRequest, nowMs: number): boolean {
  if (clientToken !== null) return [row.startToken, ...row.boots.map(({ token }) => token)].includes(clientToken);
  const lastMs = row.boots.at(-1)?.atMs ?? row.startedAtMs ?? row.queuedAtMs;
  return nowMs - lastMs < REDELIVERED_WITHIN_MS;
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
  const recent = row.boots.filter(({ atMs }) => nowMs - atMs <= job.confirmWithinMs);
  const boots = [...recent, { atMs: nowMs, token: request.clientToken }];
  const stage = row.stage === STAGE.rebooting ? STAGE.booted : row.stage;
  // Not an update in the protocol's sense, so the version stays: AWS leaves an execution in progress as it is.
  if (boots.length < BOOT_LOOP_STARTS) return change(running, { boots, stage }, row.updatedAtMs);
  const statusDetails = { ...row.statusDetails, reason: 'boot-loop' };
  const withinMs = nowMs - (boots[0]?.atMs ?? nowMs);
  const evidence = { ...statusDetails, boots: boots.length, withinMs, version: job.version };
  return transition(running, { boots, stage, status: STATUS.failed, statusDetails }, nowMs, evidence);
}
