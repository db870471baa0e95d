/**
 * SQL for an array of the jobs that have anything queued or in progress, by the counters: written with the rows they count,
 * so exact in any snapshot. With it a look for what a thing has pending reads index entries of its past jobs, which lie side
 * by side, and none of their rows, which do not.
 */
export const PENDING_JOBS =
  'array(select job_seq from job_counters group by job_seq having sum(queued) + sum(in_progress) > 0)';
