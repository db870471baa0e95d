// What the database says of the devices of one run at its end.
import { STATUS_NAMES } from '#domain/fleet/job-execution.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';

/** One device of a run as the database has it at the end. */
export interface DeviceEnd {
  readonly thing: string;
  /** The firmware that the registry believes it runs. */
  readonly firmware: string;
  /** Status of its install job; null when it was never offered. */
  readonly install: string | null;
  readonly refusedSuccess: boolean;
  /** Status of its way back; null when there is none. */
  readonly wayBack: string | null;
  /** How its way back ended where it did not bring the device back; null otherwise. */
  readonly left: string | null;
  /** The newest of what it said to its jobs. */
  readonly lastWord: string;
  readonly installJobs: number;
  readonly wayBackJobs: number;
}

export async function readDeviceEnds(pool: Pool, run: string): Promise<DeviceEnd[]> {
  interface Row extends Omit<DeviceEnd, 'install' | 'wayBack'> {
    readonly install: number | null;
    readonly wayBack: number | null;
  }
  const { rows } = await pool.query<Row>(
    `select d.thing, d.firmware, i.status as install, coalesce(i.refused, false) as "refusedSuccess",
       b.status as "wayBack", case when r.state <> 'returned' then r.state || ' ' || r.detail end as left,
       coalesce(w.said, '') as "lastWord", coalesce(i.jobs, 0)::int as "installJobs", coalesce(b.jobs, 0)::int as "wayBackJobs"
     from rollout_targets t join devices d using (thing)
       left join rollback_targets r on r.run_id = $1 and r.thing = t.thing
       left join lateral (
         select max(e.status) as status, bool_or(e.refused_success) as refused, count(*) as jobs
         from jobs j join job_executions e on e.job_seq = j.seq
         where j.run_id = $1 and j.purpose = 'install' and e.thing = t.thing) i on true
       left join lateral (
         select max(e.status) as status, count(*) as jobs from jobs j join job_executions e on e.job_seq = j.seq
         where j.run_id = $1 and j.purpose = 'way-back' and e.thing = t.thing) b on true
       left join lateral (
         select j.job_id || ': ' || coalesce(e.status_details::text, '') || ', boots ' || coalesce(e.boots::text, 'none') as said
         from jobs j join job_executions e on e.job_seq = j.seq
         where j.run_id = $1 and e.thing = t.thing order by j.seq desc limit 1) w on true
     where t.run_id = $1 order by d.thing`,
    [run],
  );
  const named = (status: number | null): string | null => (status === null ? null : (STATUS_NAMES[status] ?? '?'));
  return rows.map((row) => ({ ...row, install: named(row.install), wayBack: named(row.wayBack) }));
}
