// Reading executions: one statement for a whole batch.
import type { Execution, ExecutionRow, JobStatus, StatusDetails } from '#domain/fleet/job-execution.ts';
import type { ThingState } from '#domain/fleet/job-execution-decision.ts';
import { textArray, numberArray } from './array-literal.ts';
import type { JobCache } from './job-store-jobs.ts';
import { PENDING_JOBS } from './pending-jobs.ts';
import type { Pool } from './pool.ts';

/** An execution with what proves, at the write, that nobody changed its row meanwhile. */
export interface ReadExecution extends Execution {
  readonly row: StoredRow;
}

/** Names one version of a row: each write of it makes another. */
export interface RowVersion {
  /** Where this version of the row stands in the table: the shortest way to it. */
  readonly place: string;
  /** The transaction that wrote it. */
  readonly writtenBy: string;
}

export interface StoredRow extends ExecutionRow, RowVersion {}

type RowValues = [
  thing: string,
  jobSeq: number,
  place: string,
  writtenBy: string,
  jobStatus: JobStatus,
  versionNumber: number,
  status: ExecutionRow['status'],
  executionNumber: number,
  stage: ExecutionRow['stage'],
  boots: ExecutionRow['boots'] | null,
  refusedSuccess: boolean,
  cancelAcknowledged: boolean,
  queuedAt: number,
  startedAt: number | null,
  updatedAt: number,
  deadlineAt: number | null,
  startToken: string | null,
  lastToken: string | null,
  statusDetails: StatusDetails | null,
];

const ms = (column: string): string => `date_part('epoch', ${column}) * 1000`;

const SELECT_EXECUTIONS = `
  select e.thing, e.job_seq, e.ctid::text, e.xmin::text, j.status, e.version_number, e.status, e.execution_number, e.stage, e.boots,
    e.refused_success, e.cancel_acknowledged, ${ms('e.queued_at')}, ${ms('e.started_at')},
    ${ms('e.updated_at')}, ${ms('e.deadline_at')}, e.start_token, e.last_token, e.status_details
  from job_executions e join jobs j on j.seq = e.job_seq
  where e.thing = any($1::text[]) and e.job_seq = any(${PENDING_JOBS} || $2::int[])
    and (e.status < 2 or e.job_seq = any($2::int[]))`;

/** Pending executions of `things`, and whatever they have of the jobs `named`. */
export async function readExecutions(
  pool: Pool,
  jobs: JobCache,
  things: readonly string[],
  named: readonly number[],
): Promise<Map<string, ReadExecution[]>> {
  const { rows } = await pool.query<RowValues>({
    name: 'gateway-executions',
    text: SELECT_EXECUTIONS,
    values: [textArray(things), numberArray(named)],
    rowMode: 'array',
  });
  await jobs.load(rows.map((row) => row[1]));
  const byThing = new Map<string, ReadExecution[]>();
  for (const values of rows) {
    const execution = { row: storedRow(values), job: jobs.bySeq(values[1]), jobStatus: values[4] };
    const others = byThing.get(execution.row.thing);
    if (others === undefined) byThing.set(execution.row.thing, [execution]);
    else others.push(execution);
  }
  return byThing;
}

const rounded = (value: number | null): number | null => (value === null ? null : Math.round(value));

function storedRow(values: RowValues): StoredRow {
  return {
    thing: values[0],
    jobSeq: values[1],
    place: values[2],
    writtenBy: values[3],
    versionNumber: values[5],
    status: values[6],
    executionNumber: values[7],
    stage: values[8],
    boots: values[9] ?? [],
    refusedSuccess: values[10],
    cancelAcknowledged: values[11],
    queuedAtMs: Math.round(values[12]),
    startedAtMs: rounded(values[13]),
    updatedAtMs: Math.round(values[14]),
    deadlineAtMs: rounded(values[15]),
    startToken: values[16],
    lastToken: values[17],
    statusDetails: values[18],
  };
}

/** The last shadow report of each of `things` that ever sent one. */
export async function readReportedFirmware(
  pool: Pool,
  things: readonly string[],
): Promise<Map<string, NonNullable<ThingState['reported']>>> {
  if (things.length === 0) return new Map();
  const { rows } = await pool.query<[string, string, number]>({
    name: 'gateway-reported-firmware',
    text: `select thing, reported_firmware, ${ms('reported_at')} from devices
           where thing = any($1::text[]) and reported_at is not null and reported_firmware is not null`,
    values: [textArray(things)],
    rowMode: 'array',
  });
  return new Map(rows.map(([thing, firmware, at]) => [thing, { firmware, atMs: Math.round(at) }]));
}
