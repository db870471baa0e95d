// Targets of a run whose turn has come: what they are at that moment, and what became of them.
import { STATUS } from '#domain/fleet/job-execution.ts';
import type { DueDevice, SkipReason } from '#domain/fleet/turn.ts';
import { PENDING_JOBS } from './pending-jobs.ts';
import type { Connection } from './pool.ts';

export interface Due {
  /** All waves up to this one. */
  readonly wave: number;
  readonly limit: number;
  /** What was foreseen for them. */
  readonly foreseen: 'offer' | 'skip';
}

/** The devices of `due`, in the order of the run. */
const WITH_DEVICES = `select due.thing, d.hardware, d.firmware, back.version as "goingBackTo"
     from due join devices d using (thing)
       left join lateral (
         select j.version from job_executions e join jobs j on j.seq = e.job_seq
         where e.thing = due.thing and e.job_seq = any(${PENDING_JOBS}) and e.status < 2
           and j.run_id <> $1 and j.purpose = 'way-back'
         order by e.job_seq desc limit 1) back on true
     order by due.wave, due.ord`;

/** The next targets whose turn has come, in the order of the run, with what their devices are this moment. */
export async function dueTargets(
  connection: Connection,
  run: string,
  { wave, limit, foreseen }: Due,
): Promise<DueDevice[]> {
  const { rows } = await connection.query<DueDevice>(
    `with due as (
       select thing, wave, ord from rollout_targets
       where run_id = $1 and wave <= $2 and released_at is null and skip_reason is ${foreseen === 'skip' ? 'not' : ''} null
       order by wave, ord limit $3
     )
     ${WITH_DEVICES}`,
    [run, wave, limit],
  );
  return rows;
}

/** The next of the run's devices that were staged and not asked to activate by `jobSeq`, with what they are this moment. */
export async function stagedTargets(
  connection: Connection,
  run: string,
  jobSeq: number,
  limit: number,
): Promise<DueDevice[]> {
  const { rows } = await connection.query<DueDevice>(
    `with due as (
       select t.thing, t.wave, t.ord from rollout_targets t
         join jobs j on j.run_id = t.run_id and j.purpose = 'install' and j.operation = 'stage'
         join job_executions e on e.job_seq = j.seq and e.thing = t.thing and e.status = ${STATUS.succeeded}
       where t.run_id = $1 and not exists (
         select from job_executions a where a.job_seq = $2 and a.thing = t.thing)
       order by t.wave, t.ord limit $3
     )
     ${WITH_DEVICES}`,
    [run, jobSeq, limit],
  );
  return rows;
}

/**
 * What staged devices would go back to, now that they are to be activated: staging may be long ago, and another run may have
 * been there since. Who runs the version by now keeps what was known of it.
 */
export async function refreshPrevious(
  connection: Connection,
  run: string,
  devices: readonly DueDevice[],
  version: string,
): Promise<void> {
  await connection.query(
    `update rollout_targets t set previous_firmware = coalesce(s.going_back, s.found),
       was_returning = s.going_back is not null
     from unnest($2::text[], $3::text[], $4::text[]) as s (thing, found, going_back)
     where t.run_id = $1 and t.thing = s.thing and (s.going_back is not null or s.found <> $5 and not t.was_returning)`,
    [
      run,
      devices.map(({ thing }) => thing),
      devices.map(({ firmware }) => firmware),
      devices.map(({ goingBackTo }) => goingBackTo),
      version,
    ],
  );
}

/** What became of a target. */
export interface Settled {
  readonly device: DueDevice;
  readonly previousFirmware: string;
  /** Null when it is offered the version. */
  readonly skipReason: SkipReason | null;
}

/**
 * Ends the turn of targets. One whose device runs another firmware by now than when it was looked at keeps its turn. Returns
 * the things of the others.
 */
export async function settleTargets(
  connection: Connection,
  run: string,
  settled: readonly Settled[],
): Promise<Set<string>> {
  const { rows } = await connection.query<{ thing: string }>(
    `update rollout_targets t set released_at = clock_timestamp(), previous_firmware = s.previous,
       skip_reason = s.skip_reason, was_returning = s.was_returning
     from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bool[])
         as s (thing, found, previous, skip_reason, was_returning)
       join devices d on d.thing = s.thing and d.firmware = s.found
     where t.run_id = $1 and t.thing = s.thing and t.released_at is null returning t.thing`,
    [
      run,
      settled.map(({ device }) => device.thing),
      settled.map(({ device }) => device.firmware),
      settled.map(({ previousFirmware }) => previousFirmware),
      settled.map(({ skipReason }) => skipReason),
      settled.map(({ device }) => device.goingBackTo !== null),
    ],
  );
  return new Set(rows.map(({ thing }) => thing));
}

/** Lets targets that were to be skipped wait for their turn as all others. */
export async function foreseeOffer(connection: Connection, run: string, things: readonly string[]): Promise<void> {
  await connection.query(
    'update rollout_targets set skip_reason = null where run_id = $1 and thing = any($2) and released_at is null',
    [run, things],
  );
}
