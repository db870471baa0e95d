// What devices said after the end of a run that was rolled back.
import { STATUS } from '#domain/fleet/job-execution.ts';
import type { Confirmation } from '#domain/plan/plan.ts';
import type { Pool } from './pool.ts';
import type { SlotOperation } from '#domain/fleet/slot-operation.ts';
import type { ToReturn } from './rollbacks.ts';
import { HAS_REFUSED_SLOT } from './slot-returns.ts';

const IS_CONFIRMED = `(back.status = ${STATUS.succeeded} or back.refused_success)`;

/**
 * Closed runs that were rolled back and of which a device has said since that it runs the new version, that it is back, or that
 * its other slot does not hold the version before. Runs
 * that were cancelled, or that nobody decided on, leave their devices as they are.
 */
export async function runsToFollowUp(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ run: string }>(
    `select o.run_id as run from rollouts o join runs r on r.run_id = o.run_id
     where o.rolled_back_at is not null and r.closed and (
       exists (
         select from jobs j join job_executions e on e.job_seq = j.seq and e.refused_success
         where j.run_id = o.run_id and j.purpose = 'install' and not exists (
           select from rollback_targets b where b.run_id = o.run_id and b.thing = e.thing))
       or exists (
         select from rollback_targets b join job_executions back on back.thing = b.thing and back.job_seq = b.job_seq
         where b.run_id = o.run_id and (
           b.state = 'unacknowledged' and ${IS_CONFIRMED} or b.state = 'failed' and back.refused_success))
       or exists (
         select from rollback_targets b join devices d on d.thing = b.thing
           join jobs j on j.run_id = o.run_id and j.purpose = 'install'
           join job_executions e on e.job_seq = j.seq and e.thing = b.thing
         where b.run_id = o.run_id and b.state = 'precaution' and (e.refused_success or d.firmware = j.version))
       or ${HAS_REFUSED_SLOT})
     order by o.rolled_back_at`,
  );
  return rows.map(({ run }) => run);
}

export interface LateSuccess extends ToReturn {
  /** A newer run that has offered the device something since; null when there is none. */
  readonly takenBy: string | null;
}

/** Devices whose success came too late and that no rollback of the run has listed, by name. */
export async function lateSuccesses(pool: Pool, run: string, limit: number): Promise<LateSuccess[]> {
  const { rows } = await pool.query<LateSuccess>(
    `select e.thing, t.previous_firmware as version, newer.run_id as "takenBy"
     from jobs j
       join job_executions e on e.job_seq = j.seq and e.refused_success
       join rollout_targets t on t.run_id = $1 and t.thing = e.thing
       left join lateral (
         select n.run_id from job_executions other join jobs n on n.seq = other.job_seq
         where other.thing = e.thing and other.job_seq > j.seq and n.run_id <> $1 and other.status <> ${STATUS.canceled}
         order by other.job_seq desc limit 1) newer on true
     where j.run_id = $1 and j.purpose = 'install'
       and not exists (select from rollback_targets b where b.run_id = $1 and b.thing = e.thing)
     order by e.thing limit $2`,
    [run, limit],
  );
  return rows;
}

/** What a run offered its devices. */
export interface OfferedFirmware {
  readonly name: string;
  readonly confirmation: Confirmation;
  readonly operation: SlotOperation;
}

/** What the run offered, as its last job says; null when it has none. */
export async function readOffered(pool: Pool, run: string): Promise<OfferedFirmware | null> {
  const { rows } = await pool.query<Confirmation & Pick<OfferedFirmware, 'name' | 'operation'>>(
    `select document->>'name' as name, operation, confirm as mode, confirm_within_ms as "confirmWithinMs",
       in_progress_timeout_ms as "inProgressTimeoutMs"
     from jobs where run_id = $1 and purpose = 'install' order by wave desc limit 1`,
    [run],
  );
  if (!rows[0]) return null;
  const { name, operation, ...confirmation } = rows[0];
  return { name, confirmation, operation };
}
