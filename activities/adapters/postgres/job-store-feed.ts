// What is waiting to be announced: fresh releases by their order, and everything queued by (job, thing).
import type { QueuedCursor, QueuedPage, ReleasedPage } from '#domain/ports/job-store.port.ts';
import type { Pool } from './pool.ts';

export async function newestRelease(pool: Pool, shard: number): Promise<number> {
  const { rows } = await pool.query<{ newest: number | null }>(
    'select max(offer_seq) as newest from job_executions where shard = $1',
    [shard],
  );
  return rows[0]?.newest ?? 0;
}

/** The next releases after `cursor`; those begun or withdrawn meanwhile only move it. */
export async function releasedAfter(pool: Pool, shard: number, cursor: number, limit: number): Promise<ReleasedPage> {
  const { rows } = await pool.query<[string, number, number, number]>({
    name: 'gateway-released-after',
    text: `select thing, job_seq, offer_seq, status from job_executions
           where shard = $1 and offer_seq > $2 order by offer_seq limit $3`,
    values: [shard, cursor, limit],
    rowMode: 'array',
  });
  const queued = rows.filter(([, , , status]) => status === 0);
  return {
    things: [...new Set(queued.map(([thing]) => thing))],
    jobs: [...new Set(queued.map(([, jobSeq]) => jobSeq))],
    cursor: rows.at(-1)?.[2] ?? cursor,
  };
}

export async function openQueues(pool: Pool): Promise<number[]> {
  const { rows } = await pool.query<[number]>({
    name: 'gateway-open-queues',
    text: `select j.seq from jobs j join job_counters k on k.job_seq = j.seq
           where j.status = 'open' group by j.seq having sum(k.queued) > 0 order by j.seq`,
    rowMode: 'array',
  });
  return rows.map(([seq]) => seq);
}

const FIRST: QueuedCursor = { jobSeq: -1, thing: '' };

/** One page of what waits in open queues, by the index (job_seq, thing): history of ended jobs is not read. */
export async function queuedPage(
  pool: Pool,
  shard: number,
  after: QueuedCursor | null,
  limit: number,
): Promise<QueuedPage> {
  const from = after ?? FIRST;
  const jobs = (await openQueues(pool)).filter((seq) => seq >= from.jobSeq);
  const things: string[] = [];
  for (const jobSeq of jobs) {
    const afterThing = jobSeq === from.jobSeq ? from.thing : '';
    const { rows } = await pool.query<[string]>({
      name: 'gateway-queued-page',
      text: `select thing from job_executions
             where job_seq = $1 and thing > $2 and shard = $3 and status = 0 order by thing limit $4`,
      values: [jobSeq, afterThing, shard, limit - things.length],
      rowMode: 'array',
    });
    for (const [thing] of rows) things.push(thing);
    if (things.length === limit) return { things, next: { jobSeq, thing: things.at(-1) ?? '' } };
  }
  return { things, next: null };
}

/** Executions in progress past their deadline. Read by job, only where the counters say that some are in progress. */
export async function pastDeadline(
  pool: Pool,
  shard: number,
  nowMs: number,
  limit: number,
): Promise<{ thing: string; jobId: string }[]> {
  const { rows } = await pool.query<[string, string]>({
    name: 'gateway-past-deadline',
    text: `select e.thing, j.job_id from job_executions e join jobs j on j.seq = e.job_seq
           where e.job_seq = any(array(select job_seq from job_counters group by job_seq having sum(in_progress) > 0))
             and e.status = 1 and e.shard = $1 and e.deadline_at <= to_timestamp($2::float8 / 1000) limit $3`,
    values: [shard, nowMs, limit],
    rowMode: 'array',
  });
  return rows.map(([thing, jobId]) => ({ thing, jobId }));
}
