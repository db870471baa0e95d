import { fnv1a } from './shard.ts';
import type { UpdateRequest } from './job-execution-request.ts';
import { STAGE, type Execution, type JobInfo, type StageCode, type StatusDetails } from './job-execution.ts';

const MINUTE_MS = 60_000;
/** `stepTimeoutInMinutes` that ends the step timer. */
export const NO_STEP_TIMER = -1;

const STAGE_OF_STEP: Readonly<Record<string, StageCode>> = {
  downloading: STAGE.downloading,
  installing: STAGE.installing,
  rebooting: STAGE.rebooting,
};

/** The stage after a report: what `statusDetails.step` names, never behind what was reached. */
export function reportedStage(reached: StageCode, details: StatusDetails | null): StageCode {
  const named = STAGE_OF_STEP[details?.['step'] ?? ''] ?? STAGE.unknown;
  return named > reached ? named : reached;
}

/** When an execution in progress since `startedAtMs` times out: the job's limit, or the device's step timer if sooner. */
export function inProgressDeadline(
  job: JobInfo,
  startedAtMs: number,
  stepTimeoutMinutes: number | null,
  nowMs: number,
): number {
  const limitMs = startedAtMs + job.inProgressTimeoutMs;
  if (stepTimeoutMinutes === null || stepTimeoutMinutes === NO_STEP_TIMER) return limitMs;
  return Math.min(limitMs, nowMs + stepTimeoutMinutes * MINUTE_MS);
}

/**
 * The deadline after a report. A report without a step timer leaves the running one. From `rebooting` on the device has
 * to confirm within `confirm_within`, and no step timer puts that off.
 */
export function deadlineAfterReport(
  { row, job }: Execution,
  request: UpdateRequest,
  stage: StageCode,
  nowMs: number,
): number {
  const startedAtMs = row.startedAtMs ?? nowMs;
  const kept = request.stepTimeoutMinutes === null ? row.deadlineAtMs : null;
  const deadlineMs = kept ?? inProgressDeadline(job, startedAtMs, request.stepTimeoutMinutes, nowMs);
  if (stage < STAGE.rebooting) return deadlineMs;
  const promisedMs = row.stage >= STAGE.rebooting ? (row.deadlineAtMs ?? Infinity) : Infinity;
  return Math.min(deadlineMs, promisedMs, nowMs + job.confirmWithinMs);
}

/**
 * What `lastToken` holds of an update: its token and what it said. Both must be equal for a repeat, because a plain AWS
 * client may use one token for all its requests, and its later reports must not be taken for the first one.
 */
export function updateToken({ clientToken, status, statusDetails }: UpdateRequest): string | null {
  if (clientToken === null) return null;
  return `${clientToken} ${fnv1a(JSON.stringify([status, statusDetails])).toString(36)}`;
}
