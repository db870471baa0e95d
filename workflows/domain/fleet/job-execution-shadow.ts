import { onlyStages } from './job-document.ts';
import { accepted } from './job-execution-answer.ts';
import {
  decided,
  executionsAfter,
  transition,
  type Decision,
  type RowChange,
  type ThingState,
} from './job-execution-decision.ts';
import type { ShadowReport } from './job-execution-request.ts';
import { failOnOtherVersion } from './job-execution-success.ts';
import { STAGE, STATUS, type Execution } from './job-execution.ts';

/**
 * What the running version, as the device reports it, means: the proof that an execution waits for, or against one. While
 * a job is in progress its outcome says which firmware is present; otherwise, and while it only stages, the report does.
 */
export function decideShadowReport(state: ThingState, report: ShadowReport, nowMs: number): Decision {
  const { firmware } = report;
  const changes =
    firmware === null ? [] : state.executions.flatMap((execution) => settleByReport(execution, firmware, nowMs) ?? []);
  // AWS answers on shadow/update/accepted; here only who sent a token listens, and each answer costs the broker.
  const answer = report.clientToken === null ? { kind: 'none' as const } : accepted({}, report.clientToken, nowMs);
  const isInProgress = executionsAfter(state, changes).some(
    ({ row, job }) => row.status === STATUS.inProgress && !onlyStages(job),
  );
  return { ...decided(state, changes, answer, nowMs), presentFirmware: isInProgress ? null : firmware };
}

function settleByReport(execution: Execution, firmware: string, nowMs: number): RowChange | null {
  const { row, job, jobStatus } = execution;
  if (row.status !== STATUS.inProgress || onlyStages(job)) return null;
  if (firmware !== job.version) {
    // Before the boot, or a success said, the old version is what has to run; said on connecting it would be no news.
    return row.stage >= STAGE.booted ? failOnOtherVersion(execution, {}, { firmware, atMs: nowMs }, nowMs) : null;
  }
  if (row.stage !== STAGE.claimed) return null;
  if (jobStatus !== 'cancelled') return transition(execution, { status: STATUS.succeeded }, nowMs);
  const refused = { status: STATUS.canceled, cancelAcknowledged: true, refusedSuccess: true };
  return transition(execution, refused, nowMs);
}
