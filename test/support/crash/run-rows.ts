// What the database says of one run, read beside the product's own queries.
import { STATUS, STATUS_NAMES } from '#domain/fleet/job-execution.ts';
import type { Phase } from '#domain/run/run-state.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';

/** How far a run is. */
export interface Position {
  readonly phase: Phase;
  readonly step: string | null;
  readonly isClosed: boolean;
  /** By the run's own clock; null while it is open. */
  readonly completedAtMs: number | null;
  readonly targets: number;
  readonly offered: number;
  readonly inProgress: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Highest wave with a job. */
  readonly wave: number;
  /** Devices of that wave that were offered, and that it has in all. */
  readonly waveOffered: number;
  readonly waveTargets: number;
  /** Install jobs that hand out what is queued. */
  readonly openInstalls: number;
  readonly waysBack: number;
  readonly returned: number;
  /** Rises with everything that the engine does. */
  readonly engineMoves: number;
  /** Rises with everything that devices report. */
  readonly fleetMoves: number;
}

const POSITION = `
  with execution as (
    select j.purpose, j.wave, e.status, e.version_number from jobs j join job_executions e on e.job_seq = j.seq
    where j.run_id = $1
  ), install as (select * from execution where purpose = 'install'),
  last_wave as (select coalesce(max(wave), 0) as wave from jobs where run_id = $1)
  select r.phase, r.view->'step'->>'id' as step, r.closed as "isClosed",
    (extract(epoch from r.completed_at) * 1000)::float8 as "completedAtMs",
    (select count(*) from rollout_targets where run_id = $1)::int as targets,
    (select count(*) from install)::int as offered,
    (select count(*) from install where status = ${STATUS.inProgress})::int as "inProgress",
    (select count(*) from install where status = ${STATUS.succeeded})::int as succeeded,
    (select count(*) from install where status in (${STATUS.failed}, ${STATUS.timedOut}, ${STATUS.rejected}))::int as failed,
    (select wave from last_wave) as wave,
    (select count(*) from install join last_wave using (wave))::int as "waveOffered",
    (select count(*) from rollout_targets t join last_wave using (wave) where t.run_id = $1)::int as "waveTargets",
    (select count(*) from jobs where run_id = $1 and purpose = 'install' and status = 'open')::int as "openInstalls",
    (select count(*) from rollback_targets where run_id = $1)::int as "waysBack",
    (select count(*) from rollback_targets where run_id = $1 and state = 'returned')::int as returned,
    ((select count(*) from run_events where run_id = $1) + (select count(*) from execution)
      + (select count(*) from rollback_targets where run_id = $1 and state = 'returned'))::int as "engineMoves",
    (select coalesce(sum(version_number - 1), 0) from execution)::int as "fleetMoves"
  from runs r where r.run_id = $1`;

/** How far the run is this moment. */
export async function readPosition(pool: Pool, run: string): Promise<Position> {
  const { rows } = await pool.query<Position>(POSITION, [run]);
  const [position] = rows;
  if (!position) throw new Error(`no run ${run}`);
  return position;
}

/** True when the run took the command: its journal says so. */
export async function isInJournal(pool: Pool, run: string, commandId: string): Promise<boolean> {
  const { rows } = await pool.query(`select 1 from run_events where run_id = $1 and data->>'commandId' = $2`, [
    run,
    commandId,
  ]);
  return rows.length > 0;
}

/** Places where counters and rows of a run's jobs say different things. */
export async function readMiscounts(pool: Pool, run: string): Promise<string[]> {
  const columns = ['queued', 'in_progress', 'succeeded', 'failed', 'timed_out', 'rejected', 'canceled'];
  const { rows } = await pool.query<{ job: string; status: number; rows: number; counted: number }>(
    `with said as (
       select c.job_seq, s.status, sum(s.count)::int as counted from job_counters c
       cross join lateral (values ${columns.map((name, status) => `(${status}, c.${name})`).join(', ')}) as s (status, count)
       group by c.job_seq, s.status
     ), held as (select job_seq, status, count(*)::int as rows from job_executions group by job_seq, status)
     select j.job_id as job, coalesce(h.status, s.status) as status, coalesce(h.rows, 0) as rows, coalesce(s.counted, 0) as counted
     from said s full join held h on h.job_seq = s.job_seq and h.status = s.status
       join jobs j on j.seq = coalesce(h.job_seq, s.job_seq)
     where j.run_id = $1 and coalesce(h.rows, 0) <> coalesce(s.counted, 0)`,
    [run],
  );
  return rows.map(
    ({ job, status, ...one }) =>
      `${job}: ${one.rows} rows are ${STATUS_NAMES[status] ?? status}, ${one.counted} are counted`,
  );
}
