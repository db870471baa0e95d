// Jobs, executions and requests for tests of the gateway's decisions.
import type {
  DescribeRequest,
  GetPendingRequest,
  ShadowReport,
  StartNextRequest,
  UpdateRequest,
} from '#domain/fleet/job-execution-request.ts';
import {
  STATUS,
  type Execution,
  type ExecutionRow,
  type JobInfo,
  type JobStatus,
} from '#domain/fleet/job-execution.ts';
import type { ThingState } from '#domain/fleet/job-execution-decision.ts';
import type { Sha256 } from '#domain/ids.ts';
import { queuedRow } from './queued-row.ts';

export const THING = 'pump-1';
export const NOW_MS = 1_700_000_000_000;
export const MINUTE_MS = 60_000;
/** Where devices download from unless a test says otherwise. */
export const ARTIFACTS = 'http://127.0.0.1:5001/artifacts';
const SHA256 = '00'.repeat(32) as Sha256;

export function jobInfo(seq: number, changed: Partial<JobInfo> = {}): JobInfo {
  const version = changed.version ?? '1.1.0';
  return {
    seq,
    jobId: `exe_test-w${seq}`,
    version,
    document: {
      operation: 'firmware.install',
      name: 'edge',
      version,
      artifacts: [{ url: `${ARTIFACTS}/${SHA256}`, size: 3, sha256: SHA256, sig: 'c2ln' }],
      compat: ['edge-a'],
      confirmWithinS: 300,
    },
    inProgressTimeoutMs: 60 * MINUTE_MS,
    confirmWithinMs: 5 * MINUTE_MS,
    confirm: 'succeeded',
    ...changed,
  };
}

export function execution(
  row: Partial<ExecutionRow> = {},
  job: Partial<JobInfo> = {},
  jobStatus: JobStatus = 'open',
): Execution {
  const info = jobInfo(row.jobSeq ?? 1, job);
  return { row: { ...queuedRow(row.thing ?? THING, info.seq, NOW_MS), ...row }, job: info, jobStatus };
}

/** An execution that the device began at `NOW_MS`. */
export const running = (row: Partial<ExecutionRow> = {}, job: Partial<JobInfo> = {}, jobStatus: JobStatus = 'open') =>
  execution(
    {
      status: STATUS.inProgress,
      versionNumber: 2,
      startedAtMs: NOW_MS,
      deadlineAtMs: NOW_MS + 60 * MINUTE_MS,
      ...row,
    },
    job,
    jobStatus,
  );

export const stateOf = (executions: readonly Execution[], reported: ThingState['reported'] = null): ThingState => ({
  thing: THING,
  executions,
  reported,
});

export const startNext = (changed: Partial<StartNextRequest> = {}): StartNextRequest => ({
  kind: 'start-next',
  thing: THING,
  countsAsBoot: true,
  clientToken: 'start-1',
  statusDetails: null,
  stepTimeoutMinutes: null,
  ...changed,
});

export const update = (changed: Partial<UpdateRequest> = {}): UpdateRequest => ({
  kind: 'update',
  thing: THING,
  clientToken: 'update-1',
  jobId: 'exe_test-w1',
  status: 'IN_PROGRESS',
  statusDetails: null,
  expectedVersion: null,
  executionNumber: null,
  stepTimeoutMinutes: null,
  includeJobExecutionState: false,
  includeJobDocument: false,
  ...changed,
});

export const describeJob = (changed: Partial<DescribeRequest> = {}): DescribeRequest => ({
  kind: 'describe',
  thing: THING,
  clientToken: 'describe-1',
  jobId: '$next',
  executionNumber: null,
  includeJobDocument: true,
  ...changed,
});

export const getPending = (changed: Partial<GetPendingRequest> = {}): GetPendingRequest => ({
  kind: 'get',
  thing: THING,
  clientToken: 'get-1',
  ...changed,
});

export const shadow = (firmware: string | null, changed: Partial<ShadowReport> = {}): ShadowReport => ({
  kind: 'shadow-report',
  thing: THING,
  clientToken: null,
  firmware,
  ...changed,
});
