// Targets of a run whose turn has come: what they are at that moment, and what became of them.
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
     select due.thing, d.hardware, d.firmware, back.version as "goingBackTo"
     from due join devices d using (thing)
       left join lateral (
         select j.version from job_executions e join jobs j on j.seq = e.job_seq
         where e.thing = due.thing and e.job_seq = any(${PENDING_JOBS}) and e.status < 2
           and j.run_id <> $1 and j.purpose = 'way-back'
         order by e.job_seq desc limit 1) back on true
     order by due.wave, due.ord`,
    [run, wave, limit],
  );
  return rows;
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
