import { STAGE, STATUS, type ExecutionRow } from '#domain/fleet/job-execution.ts';

/** A row as a job's release makes it. */
export function queuedRow(thing: string, jobSeq: number, nowMs: number): ExecutionRow {
  return {
    thing,
    jobSeq,
    versionNumber: 1,
    status: STATUS.queued,
    executionNumber: 1,
    stage: STAGE.unknown,
    boots: [],
    refusedSuccess: false,
    cancelAcknowledged: false,
    queuedAtMs: nowMs,
    startedAtMs: null,
    updatedAtMs: nowMs,
    deadlineAtMs: null,
    startToken: null,
    lastToken: null,
    statusDetails: null,
  };
}
