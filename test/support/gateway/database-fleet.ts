// Devices, jobs and their executions in a real database, as the engine would put them there.
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import type { JobInfo, JobStatus } from '#domain/fleet/job-execution.ts';
import { jobInfo } from './executions.ts';

export async function addDevices(pool: Pool, things: readonly string[], firmware: string): Promise<void> {
  await pool.query(
    `insert into devices (thing, hardware, firmware) select thing, 'edge-a', $2 from unnest($1::text[]) as t (thing)`,
    [things, firmware],
  );
}

/** Stores a job; `seq` and `jobId` are given by the database. */
export async function addJob(pool: Pool, changed: Partial<JobInfo> = {}): Promise<JobInfo> {
  const wanted = jobInfo(0, changed);
  const { rows } = await pool.query<{ seq: number; job_id: string }>(
    `insert into jobs (job_id, run_id, purpose, wave, version, document, in_progress_timeout_ms, confirm_within_ms, confirm)
     values ('exe_test-w' || (select count(*) + 1 from jobs), 'exe_test', 'install', 1, $1, $2, $3, $4, $5)
     returning seq, job_id`,
    [wanted.version, wanted.document, wanted.inProgressTimeoutMs, wanted.confirmWithinMs, wanted.confirm],
  );
  const { seq = 0, job_id: jobId = '' } = rows[0] ?? {};
  return { ...wanted, seq, jobId };
}

export async function setJobStatus(pool: Pool, job: JobInfo, status: JobStatus): Promise<void> {
  await pool.query('update jobs set status = $2 where seq = $1', [job.seq, status]);
  await pool.query(`select pg_notify('job_release', $1)`, [String(job.seq)]);
}

export async function release(pool: Pool, job: JobInfo, things: readonly string[]): Promise<void> {
  await pool.query(
    `with made as (
       insert into job_executions (thing, job_seq, shard)
       select thing, $1, 0 from unnest($2::text[]) with ordinality as t (thing, place) order by place returning 1
     )
     insert into job_counters as k (job_seq, slot, queued) select $1, 1000, count(*) from made
     on conflict (job_seq, slot) do update set queued = k.queued + excluded.queued`,
    [job.seq, things],
  );
  await pool.query(`select pg_notify('job_release', $1)`, [String(job.seq)]);
}

/** Executions of the job by status code, as the counters say. */
export async function counts(pool: Pool, job: JobInfo): Promise<number[]> {
  const { rows } = await pool.query<number[]>({
    text: `select sum(queued)::int, sum(in_progress)::int, sum(succeeded)::int, sum(failed)::int, sum(timed_out)::int,
             sum(rejected)::int, sum(canceled)::int from job_counters where job_seq = $1`,
    values: [job.seq],
    rowMode: 'array',
  });
  return rows[0] ?? [];
}

/** The same, counted from the executions themselves. */
export async function countedRows(pool: Pool, job: JobInfo): Promise<number[]> {
  const { rows } = await pool.query<{ status: number; count: number }>(
    'select status, count(*)::int as count from job_executions where job_seq = $1 group by status',
    [job.seq],
  );
  const byStatus = [0, 0, 0, 0, 0, 0, 0];
  for (const { status, count } of rows) byStatus[status] = count;
  return byStatus;
}
