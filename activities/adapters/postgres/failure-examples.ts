import { STATUS, STATUS_NAMES, type StatusCode } from '#domain/fleet/job-execution.ts';
import type { FailureExample } from '#domain/ports/fleet.port.ts';
import type { Pool } from './pool.ts';

const BAD = [STATUS.failed, STATUS.timedOut, STATUS.rejected];

interface Row {
  thing: string;
  status: StatusCode;
  details: Record<string, string> | null;
}

/** A few devices whose execution of these jobs ended badly, with what they said. */
export async function failureExamples(pool: Pool, jobs: readonly number[], limit: number): Promise<FailureExample[]> {
  const { rows } = await pool.query<Row>(
    `select thing, status, status_details as details from job_executions
     where job_seq = any($1) and status = any($2) limit $3`,
    [jobs, BAD, limit],
  );
  return rows.map(({ thing, status, details }) => ({
    thing,
    status: STATUS_NAMES[status],
    reason: reasonOf(status, details),
  }));
}

/** A few devices that these jobs still wait for, those that began first. */
export async function waitedForExamples(
  pool: Pool,
  jobs: readonly number[],
  limit: number,
): Promise<{ readonly thing: string; readonly status: string }[]> {
  const { rows } = await pool.query<Omit<Row, 'details'>>(
    `select thing, status from job_executions where job_seq = any($1) and status = any($2)
     order by status desc, thing limit $3`,
    [jobs, [STATUS.queued, STATUS.inProgress], limit],
  );
  return rows.map(({ thing, status }) => ({ thing, status: STATUS_NAMES[status] }));
}

/** Why an execution ended as it did, in the device's words or the gateway's. */
function reasonOf(status: StatusCode, details: Record<string, string> | null): string {
  const said = details?.['reason'];
  if (said !== undefined) return said;
  if (status === STATUS.timedOut) return `no answer in time${details?.['step'] ? ` (${details['step']})` : ''}`;
  return 'no reason given';
}
