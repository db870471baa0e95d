import { STATUS } from '#domain/fleet/job-execution.ts';
import { PENDING_JOBS } from './pending-jobs.ts';
import type { Connection } from './pool.ts';
import { ENGINE_SLOT } from './releases.ts';
import { announceJob } from './rollout-jobs.ts';

/**
 * Withdraws what other runs still have in the queues of `things`, installs and ways back: the newest decision stands. Rollbacks
 * that wait for one of these ways back do so no more; the gateways are told of each job that lost something.
 */
export async function supersede(connection: Connection, run: string, things: readonly string[]): Promise<void> {
  const { rows } = await connection.query<{ job: number }>(
    `with older as (
       select e.thing, e.job_seq, j.run_id from job_executions e join jobs j on j.seq = e.job_seq
       where e.thing = any($2) and e.job_seq = any(${PENDING_JOBS}) and e.status = ${STATUS.queued} and j.run_id <> $1
       order by e.thing, e.job_seq for update of e
     ), listed as (
       select b.run_id, b.thing from rollback_targets b join older using (run_id, thing, job_seq)
       where b.state <> 'returned' order by b.run_id, b.thing for update of b
     ), gone as (
       update job_executions e set status = ${STATUS.canceled}, version_number = e.version_number + 1, updated_at = now(),
         status_details = jsonb_build_object('reason', 'superseded by ' || $1::text)
       from older where e.thing = older.thing and e.job_seq = older.job_seq and e.status = ${STATUS.queued} returning e.job_seq
     ), counted as (
       insert into job_counters (job_seq, slot, queued, canceled)
       select job_seq, $3, -count(*), count(*) from gone group by job_seq order by job_seq
       on conflict (job_seq, slot) do update
         set queued = job_counters.queued + excluded.queued, canceled = job_counters.canceled + excluded.canceled
     ), told as (
       update rollback_targets b set state = 'superseded', detail = 'superseded by ' || $1::text
       from listed where b.run_id = listed.run_id and b.thing = listed.thing
     )
     select distinct job_seq as job from gone order by 1`,
    [run, things, ENGINE_SLOT],
  );
  for (const { job } of rows) await announceJob(connection, job);
}
