/** The devices of a run one by one: what each was offered, how it went, and how its way back went. */
import { STATUS } from '#domain/fleet/job-execution.ts';
import type { Pool } from './pool.ts';

/**
 * How far a device came with the new version. `waiting`: not offered yet; `skipped`: it ran the version already; `staged`: it
 * holds it and runs the one before.
 */
export const INSTALL_STATES = [
  'skipped',
  'waiting',
  'queued',
  'in-progress',
  'staged',
  'succeeded',
  'failed',
  'timed-out',
  'rejected',
  'canceled',
] as const;
export type InstallState = (typeof INSTALL_STATES)[number];

/** Where a device is on its way back. `left`: it could not be taken back, or did not confirm. */
export const WAY_BACK_STATES = ['returning', 'returned', 'left'] as const;
export type WayBackState = (typeof WAY_BACK_STATES)[number];

export interface RunDevice {
  readonly thing: string;
  readonly wave: number;
  readonly install: InstallState;
  /** Null as long as it has no way back to go. */
  readonly wayBack: WayBackState | null;
  readonly previousFirmware: string;
  /** Why it failed or is left, in its own words or the engine's; empty where there is nothing to say. */
  readonly reason: string;
}

export interface RunDeviceFilter {
  /** Devices in any of these; all when empty. */
  readonly states: readonly (InstallState | WayBackState)[];
  readonly limit: number;
}

const INSTALL = `case
  when t.skipped then 'skipped'
  when e.status is null then 'waiting'
  when e.status = ${STATUS.queued} then 'queued'
  when e.status = ${STATUS.inProgress} then 'in-progress'
  when e.status = ${STATUS.succeeded} and e.operation = 'stage' then 'staged'
  when e.status = ${STATUS.succeeded} then 'succeeded'
  when e.status = ${STATUS.failed} then 'failed'
  when e.status = ${STATUS.timedOut} then 'timed-out'
  when e.status = ${STATUS.rejected} then 'rejected'
  else 'canceled' end`;

// A precaution is no way to go: nothing says that the device is on the new version.
const WAY_BACK = `case when b.state is null or b.state = 'precaution' then null
  when b.state = 'offered' then 'returning' when b.state = 'returned' then 'returned' else 'left' end`;

const REASON = `coalesce(
  case t.skip_reason when 'misfit' then 'the firmware does not fit it'
    when 'no-way-back' then 'it could not be taken back' end,
  case when b.state not in ('offered', 'returned', 'precaution') then coalesce(nullif(b.detail, ''), b.state) end,
  case when e.status in (${STATUS.failed}, ${STATUS.rejected}) then coalesce(e.status_details->>'reason', 'no reason given')
    when e.status = ${STATUS.timedOut} then coalesce(e.status_details->>'reason', 'no answer in time') end,
  '')`;

/** Devices of the run's waves by name, as far as `filter` goes. Empty until the run has chosen its devices. */
export async function readRunDevices(
  pool: Pool,
  run: string,
  { states, limit }: RunDeviceFilter,
): Promise<RunDevice[]> {
  const { rows } = await pool.query<RunDevice>(
    `select * from (
       select t.thing, t.wave, ${INSTALL} as install, ${WAY_BACK} as "wayBack",
         t.previous_firmware as "previousFirmware", ${REASON} as reason
       from rollout_targets t
       left join lateral (
         select e.status, e.status_details, j.operation from jobs j join job_executions e on e.job_seq = j.seq and e.thing = t.thing
         where j.run_id = t.run_id and j.purpose = 'install' order by j.seq desc limit 1
       ) e on true
       left join rollback_targets b on b.run_id = t.run_id and b.thing = t.thing
       where t.run_id = $1 and t.wave is not null
     ) devices
     where cardinality($2::text[]) = 0 or install = any($2) or "wayBack" = any($2)
     order by thing limit $3`,
    [run, states, limit],
  );
  return rows;
}
