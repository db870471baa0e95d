// Devices of a run on their way back, each to its own previous firmware.
import { STAGE, STATUS } from '#domain/fleet/job-execution.ts';
import type { FailureExample } from '#domain/ports/fleet.port.ts';
import type { Connection, Pool } from './pool.ts';
import { IS_SLOT_REFUSED } from './slot-returns.ts';

/**
 * The device ended on the new version, or may have. Who failed or timed out without saying how far it came counts as
 * having begun; so does a cancelled one that had started. The old firmware offered once too often does no harm: a device
 * that runs it already only confirms. A rejection is the device's word that it did not install, unless it said it had begun.
 */
const MAY_BE_NEW = `(e.status = ${STATUS.succeeded} or e.refused_success
  or (e.status in (${STATUS.failed}, ${STATUS.timedOut}) and e.stage <> ${STAGE.downloading})
  or (e.status in (${STATUS.canceled}, ${STATUS.rejected}) and e.stage >= ${STAGE.installing})
  or (e.status = ${STATUS.canceled} and e.stage = ${STAGE.unknown} and e.started_at is not null))`;
/** The device was on its way back from another run, which this run cut short: it is owed one whatever it made of the offer. */
const IS_OWED = `(t.was_returning and e.status >= ${STATUS.succeeded})`;

/** The job was not only to stage the version, which leaves a device where it was. */
const SWITCHES = `j.operation <> 'stage'`;

export interface ToReturn {
  readonly thing: string;
  readonly version: string;
}

/** A part of one install job's devices: those after `after` ('' begins), by name. */
export interface JobPage {
  readonly run: string;
  readonly jobSeq: number;
  readonly after: string;
  readonly limit: number;
}

export type SelectToReturn = (pool: Pool, page: JobPage) => Promise<ToReturn[]>;

/** Devices of the job that ended on the new version, or may have, or are owed another run's way back; and not listed yet. */
export const devicesToReturn: SelectToReturn = (pool, page) =>
  select(pool, page, `(${SWITCHES} and ${MAY_BE_NEW} or ${IS_OWED})`);

/** Devices whose download took too long for us: they are on the old version, and may yet install the new one. */
export const mayStillInstall: SelectToReturn = (pool, page) =>
  select(
    pool,
    page,
    `${SWITCHES} and e.status = ${STATUS.timedOut} and e.stage = ${STAGE.downloading} and not e.refused_success`,
  );

/** Devices that are still in progress with the job, and not listed; of those that are being staged only who is owed a way back. */
export const silentDevices: SelectToReturn = (pool, page) =>
  select(pool, page, `e.status = ${STATUS.inProgress} and (${SWITCHES} or t.was_returning)`);

async function select(pool: Pool, page: JobPage, condition: string): Promise<ToReturn[]> {
  const { rows } = await pool.query<ToReturn>(
    `select e.thing, t.previous_firmware as version
     from job_executions e join jobs j on j.seq = e.job_seq join rollout_targets t on t.run_id = $1 and t.thing = e.thing
     where e.job_seq = $2 and e.thing > $3 and ${condition}
       and not exists (select 1 from rollback_targets b where b.run_id = $1 and b.thing = e.thing)
     order by e.thing limit $4`,
    [page.run, page.jobSeq, page.after, page.limit],
  );
  return rows;
}

/** From now on whoever is on the run's version, or says so, is to go back, also after the run's end. */
export async function noteRollback(pool: Pool, run: string): Promise<void> {
  await pool.query('update rollouts set rolled_back_at = coalesce(rolled_back_at, now()) where run_id = $1', [run]);
}

export interface NewReturn {
  readonly version: string;
  /** Null when there is nothing to offer. */
  readonly jobSeq: number | null;
  readonly state: 'offered' | 'unacknowledged' | 'no-artifact' | 'not-offered' | 'precaution' | 'superseded';
  readonly detail: string;
}

/** Puts devices on the list of a rollback; returns those that were not on it. */
export async function insertReturns(
  connection: Connection,
  run: string,
  things: readonly string[],
  { version, jobSeq, state, detail }: NewReturn,
): Promise<string[]> {
  const { rows } = await connection.query<{ thing: string }>(
    `insert into rollback_targets (run_id, thing, version, job_seq, state, detail)
     select $1, thing, $3, $4, $5, $6 from unnest($2::text[]) as x (thing)
     on conflict (run_id, thing) do nothing returning thing`,
    [run, things, version, jobSeq, state, detail],
  );
  return rows.map(({ thing }) => thing);
}

/**
 * Devices that were only to be on the safe side and now say that they run the new version: from now on `state` as others.
 * Whose way back had ended by then is left: it came to the new version after it.
 */
export async function promotePrecautions(pool: Pool, run: string, state: 'offered' | 'unacknowledged'): Promise<void> {
  await pool.query(
    `with said as (
       select b.thing, back.status >= ${STATUS.succeeded} as over
       from rollback_targets b
         join job_executions back on back.thing = b.thing and back.job_seq = b.job_seq
         join jobs j on j.run_id = $1 and j.purpose = 'install'
         join job_executions e on e.thing = b.thing and e.job_seq = j.seq
         join devices d on d.thing = b.thing and (e.refused_success or d.firmware = j.version)
       where b.run_id = $1 and b.state = 'precaution' order by b.thing for update of b
     )
     update rollback_targets b set state = case when over then 'failed' else $2 end,
       detail = case when over then 'said after its way back that it runs the new version'
         else 'said late that it runs the new version' end
     from said where b.run_id = $1 and b.thing = said.thing`,
    [run, state],
  );
}

/**
 * Notes which devices are back (their own word, by the job of their way back, and be it too late for that) and which cannot
 * be brought back. Who refused to go back by its other slot is not at the end of its ways.
 */
export async function settleReturns(pool: Pool, run: string): Promise<void> {
  await pool.query(
    `with told as (
       select b.thing, e.status = ${STATUS.succeeded} or e.refused_success as is_back, e.status_details->>'reason' as reason
       from rollback_targets b join job_executions e on e.thing = b.thing and e.job_seq = b.job_seq
         join jobs j on j.seq = b.job_seq
       where b.run_id = $1 and (
         (b.state = 'offered' and e.status >= ${STATUS.succeeded} and not ${IS_SLOT_REFUSED})
         or (b.state = 'unacknowledged' and (e.status = ${STATUS.succeeded} or e.refused_success))
         or (b.state = 'failed' and e.refused_success))
       order by b.thing for update of b
     )
     update rollback_targets b set state = case when is_back then 'returned' else 'failed' end,
       detail = case when is_back then '' else coalesce(reason, 'the way back timed out or was refused') end
     from told where b.run_id = $1 and b.thing = told.thing`,
    [run],
  );
}

/** Gives up on devices that were offered their way back and did not answer. */
export async function giveUpReturns(pool: Pool, run: string): Promise<void> {
  await pool.query(
    `update rollback_targets set state = 'unacknowledged', detail = 'offered ' || version || ', not confirmed in time'
     where run_id = $1 and state = 'offered'`,
    [run],
  );
}

export interface ReturnTally {
  /** Devices that were offered their previous firmware. */
  readonly offered: number;
  readonly returned: number;
  readonly open: number;
  /** Those that could not be brought back or did not answer. */
  readonly left: number;
}

/** Without those that are only to be on the safe side: nobody said that they need to come back. */
export async function countReturns(pool: Pool, run: string): Promise<ReturnTally> {
  const { rows } = await pool.query<ReturnTally>(
    `select (count(*) filter (where job_seq is not null))::int as offered,
       (count(*) filter (where state = 'returned'))::int as returned,
       (count(*) filter (where state = 'offered'))::int as open,
       (count(*) filter (where state not in ('returned', 'offered')))::int as left
     from rollback_targets where run_id = $1 and state <> 'precaution'`,
    [run],
  );
  return rows[0] ?? { offered: 0, returned: 0, open: 0, left: 0 };
}

/** A few of the devices that are left, by name. */
export async function leftExamples(pool: Pool, run: string, limit: number): Promise<FailureExample[]> {
  const { rows } = await pool.query<FailureExample>(
    `select thing, state as status, detail as reason from rollback_targets
     where run_id = $1 and state not in ('returned', 'offered', 'precaution') order by thing limit $2`,
    [run, limit],
  );
  return rows;
}
