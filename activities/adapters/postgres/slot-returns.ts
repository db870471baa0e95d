// Ways back by the other slot, which need no download: and what becomes of devices whose other slot does not hold the version.
import { STATUS } from '#domain/fleet/job-execution.ts';
import type { Connection, Pool } from './pool.ts';

/** Devices that are being staged and were on their way back from another run, which this run cut short: they are owed one. */
export async function countOwedWhileStaging(pool: Pool, run: string): Promise<number> {
  const { rows } = await pool.query<{ owed: number }>(
    `select count(*)::int as owed
     from rollout_targets t
       join jobs j on j.run_id = t.run_id and j.purpose = 'install' and j.operation = 'stage'
       join job_executions e on e.job_seq = j.seq and e.thing = t.thing and e.status = ${STATUS.inProgress}
     where t.run_id = $1 and t.was_returning`,
    [run],
  );
  return rows[0]?.owed ?? 0;
}

/** The device's word on a way back by its other slot: that does not hold the version, or does not start. */
export const IS_SLOT_REFUSED = `(j.operation = 'activate' and e.status in (${STATUS.failed}, ${STATUS.rejected})
  and not e.refused_success)`;
const IS_REFUSED = `b.state in ('offered', 'unacknowledged') and ${IS_SLOT_REFUSED}`;

/** True when a device on the list of the run's rollback refused to activate its other slot and was offered nothing since. */
export const HAS_REFUSED_SLOT = `exists (
  select from rollback_targets b
    join jobs j on j.seq = b.job_seq
    join job_executions e on e.thing = b.thing and e.job_seq = b.job_seq
  where b.run_id = o.run_id and ${IS_REFUSED})`;

/** The versions that devices of the run could not go back to by their other slot. */
export async function refusedSlots(pool: Pool, run: string): Promise<string[]> {
  const { rows } = await pool.query<{ version: string }>(
    `select distinct b.version
     from rollback_targets b
       join jobs j on j.seq = b.job_seq
       join job_executions e on e.thing = b.thing and e.job_seq = b.job_seq
     where b.run_id = $1 and ${IS_REFUSED} order by b.version`,
    [run],
  );
  return rows.map(({ version }) => version);
}

/** What those devices are offered instead: an install; or nothing, and why. */
type InsteadOfSlot = { readonly jobSeq: number } | { readonly why: string };

/** Puts `instead` in the place of the refused way back to `version`; the things that it concerns, by name. */
export async function replaceRefused(
  connection: Connection,
  run: string,
  version: string,
  instead: InsteadOfSlot,
): Promise<string[]> {
  const isOffer = 'jobSeq' in instead;
  const { rows } = await connection.query<{ thing: string }>(
    `with refused as (
       select b.thing from rollback_targets b
         join jobs j on j.seq = b.job_seq
         join job_executions e on e.thing = b.thing and e.job_seq = b.job_seq
       where b.run_id = $1 and b.version = $2 and ${IS_REFUSED} order by b.thing for update of b
     )
     update rollback_targets b set job_seq = coalesce($3, b.job_seq),
       state = case when $3::int is null then 'failed' else b.state end,
       detail = case when $3::int is null then $4 else b.detail end
     from refused where b.run_id = $1 and b.thing = refused.thing returning b.thing`,
    [run, version, isOffer ? instead.jobSeq : null, isOffer ? '' : instead.why],
  );
  return rows.map(({ thing }) => thing).sort();
}
