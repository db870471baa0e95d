// What the engine took back from devices, for gateways to tell them.
import { STATUS } from '#domain/fleet/job-execution.ts';
import type { JobMark, WithdrawnPage, WithdrawnSearch } from '#domain/ports/job-store.port.ts';
import type { Pool } from './pool.ts';

/** How the job stands, by the database's clock; null when there is none of that number. */
export async function markOfJob(pool: Pool, jobSeq: number): Promise<JobMark | null> {
  const { rows } = await pool.query<JobMark>({
    name: 'gateway-job-mark',
    text: `select status, date_part('epoch', clock_timestamp()) * 1000 as "atMs",
             (select coalesce(sum(canceled), 0)::int from job_counters where job_seq = $1) as canceled
           from jobs where seq = $1`,
    values: [jobSeq],
  });
  return rows[0] ?? null;
}

/** The next things that may not do the job any more and have not said that they know, by the index (job_seq, thing). */
export async function withdrawnPage(
  pool: Pool,
  shard: number,
  { jobSeq, sinceMs, isStatusNew, after }: WithdrawnSearch,
  limit: number,
): Promise<WithdrawnPage> {
  const { rows } = await pool.query<[string]>({
    name: 'gateway-withdrawn-page',
    text: `select e.thing from job_executions e join jobs j on j.seq = e.job_seq
           where e.job_seq = $1 and e.thing > $2 and e.shard = $3 and (
             e.status = ${STATUS.canceled} and not e.cancel_acknowledged and e.updated_at >= to_timestamp($4::float8 / 1000)
             or $5::bool and j.status = 'held' and e.status = ${STATUS.queued}
             or $5::bool and j.status = 'cancelled' and e.status = ${STATUS.inProgress})
           order by e.thing limit $6`,
    values: [jobSeq, after, shard, sinceMs, isStatusNew, limit],
    rowMode: 'array',
  });
  const things = rows.map(([thing]) => thing);
  return { things, next: things.length === limit ? (things.at(-1) ?? null) : null };
}
