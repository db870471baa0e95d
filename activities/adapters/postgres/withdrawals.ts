// Taking offers back: what is queued at once, what is in progress when its device answers.
import { STATUS } from '#domain/fleet/job-execution.ts';
import { inTransaction, type Connection, type Pool } from './pool.ts';
import { ENGINE_SLOT } from './releases.ts';
import { announceJob } from './rollout-jobs.ts';

/** At most so many rows are locked at once, by name, as gateways do: no two can wait for each other. */
const CHUNK = 500;

export interface Withdrawn {
  readonly withdrawn: number;
  /** Where the next chunk begins; null after the last. */
  readonly next: string | null;
}

/**
 * Cancels the next queued executions of a job after `after` (''); each chunk is one transaction with its counters and with
 * the word to the gateways, which tell the devices.
 */
export function withdrawQueued(pool: Pool, jobSeq: number, after: string): Promise<Withdrawn> {
  return inTransaction(pool, async (connection) => {
    const chunk = await cancelQueued(connection, jobSeq, after);
    if (chunk.withdrawn > 0) await announceJob(connection, jobSeq);
    return chunk;
  });
}

async function cancelQueued(connection: Connection, jobSeq: number, after: string): Promise<Withdrawn> {
  const { rows } = await connection.query<{ withdrawn: number; last: string | null }>(
    `with chosen as (
       select thing from job_executions where job_seq = $1 and status = ${STATUS.queued} and thing > $2
       order by thing limit ${CHUNK} for update
     ), gone as (
       update job_executions e set status = ${STATUS.canceled}, version_number = e.version_number + 1, updated_at = now()
       from chosen where e.job_seq = $1 and e.thing = chosen.thing and e.status = ${STATUS.queued} returning e.thing
     ), counted as (
       insert into job_counters (job_seq, slot, queued, canceled) select $1, ${ENGINE_SLOT}, -count(*), count(*) from gone
       on conflict (job_seq, slot) do update
         set queued = job_counters.queued + excluded.queued, canceled = job_counters.canceled + excluded.canceled
     )
     select count(*)::int as withdrawn, max(thing collate "C") as last from gone`,
    [jobSeq, after],
  );
  const { withdrawn, last } = rows[0] ?? { withdrawn: 0, last: null };
  return { withdrawn, next: last };
}

export interface CancelTally {
  /** Withdrawn before their device began. */
  readonly withdrawn: number;
  /** In progress when the offer ended, and their device knows. */
  readonly acknowledged: number;
}

/** How the cancelled executions of these jobs ended. */
export async function countCancelled(pool: Pool, jobs: readonly number[]): Promise<CancelTally> {
  const { rows } = await pool.query<CancelTally>(
    `select (count(*) filter (where not cancel_acknowledged))::int as withdrawn,
       (count(*) filter (where cancel_acknowledged))::int as acknowledged
     from job_executions where job_seq = any($1) and status = ${STATUS.canceled}`,
    [jobs],
  );
  return rows[0] ?? { withdrawn: 0, acknowledged: 0 };
}
