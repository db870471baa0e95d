import type { SkipReason } from '#domain/fleet/turn.ts';
import { inTransaction, type Connection, type Pool } from './pool.ts';

/** A device as a run found it. `order` places it among the run's targets. */
export interface NewTarget {
  readonly thing: string;
  readonly order: bigint;
  /** Null beyond the last wave's share, and for devices that the firmware does not fit. */
  readonly wave: number | null;
  readonly previousFirmware: string;
  /** Why it will not be offered the version, as things are now; null when it will. */
  readonly skipReason: SkipReason | null;
}

export interface TargetCount {
  readonly targets: number;
  readonly alreadyCurrent: number;
  readonly misfits: number;
}

/** How far revisions of devices are surely visible: `revision` was given out before every transaction from `beforeXid` on. */
export interface RevisionMark {
  readonly revision: number;
  readonly beforeXid: string;
  /** All transactions before this one have ended. */
  readonly endedXid: string;
}

const ROWS_AT_ONCE = 10_000;

/** Two statements on purpose: the revision has to be older than the snapshot. */
export async function markRevision(pool: Pool): Promise<RevisionMark> {
  const revision = await pool.query<{ revision: number }>('select last_value as revision from device_revision');
  const snapshot = await pool.query<{ before: string; ended: string }>(
    `select pg_snapshot_xmax(pg_current_snapshot())::text as before,
       pg_snapshot_xmin(pg_current_snapshot())::text as ended`,
  );
  const { before, ended } = snapshot.rows[0] ?? { before: '0', ended: '0' };
  return { revision: revision.rows[0]?.revision ?? 0, beforeXid: before, endedXid: ended };
}

/**
 * Writes a run's rollout and targets in one transaction. False, and nothing is written, when the run has its targets
 * already: an earlier attempt stored them.
 */
export function insertRollout(
  pool: Pool,
  rollout: { run: string; planId: string; mark: RevisionMark },
  targets: readonly NewTarget[],
): Promise<boolean> {
  return inTransaction(pool, async (connection) => {
    const { rowCount } = await connection.query(
      `insert into rollouts (run_id, plan_id, joined_revision, pending_revision, pending_xid)
       values ($1, $2, 0, $3, $4::xid8) on conflict (run_id) do nothing`,
      [rollout.run, rollout.planId, rollout.mark.revision, rollout.mark.beforeXid],
    );
    if (rowCount === 0) return false;
    await insertTargets(connection, rollout.run, targets);
    return true;
  });
}

/** Adds targets of a run; those it has already stay as they are. Returns how many were new. */
export async function insertTargets(
  connection: Connection | Pool,
  run: string,
  targets: readonly NewTarget[],
): Promise<number> {
  let added = 0;
  for (let from = 0; from < targets.length; from += ROWS_AT_ONCE) {
    const rows = targets.slice(from, from + ROWS_AT_ONCE);
    const { rowCount } = await connection.query(
      `insert into rollout_targets (run_id, thing, ord, wave, previous_firmware, skip_reason)
       select $1, * from unnest($2::text[], $3::bigint[], $4::int[], $5::text[], $6::text[])
       on conflict (run_id, thing) do nothing`,
      [
        run,
        rows.map((row) => row.thing),
        rows.map((row) => row.order.toString()),
        rows.map((row) => row.wave),
        rows.map((row) => row.previousFirmware),
        rows.map((row) => row.skipReason),
      ],
    );
    added += rowCount ?? 0;
  }
  return added;
}

/** Targets of a prepared run; null when it was not prepared. */
export async function countTargets(pool: Pool, run: string): Promise<TargetCount | null> {
  const { rows } = await pool.query<TargetCount & { prepared: boolean }>(
    `select exists (select 1 from rollouts where run_id = $1) as prepared, count(*)::int as targets,
       (count(*) filter (where skip_reason = 'current'))::int as "alreadyCurrent",
       (count(*) filter (where skip_reason = 'misfit'))::int as misfits
     from rollout_targets where run_id = $1`,
    [run],
  );
  const [row] = rows;
  if (!row?.prepared) return null;
  const { targets, alreadyCurrent, misfits } = row;
  return { targets, alreadyCurrent, misfits };
}

/** The run's targets that the firmware fits: how many, and how many of them each wave holds. */
export interface AssignedTargets {
  readonly total: number;
  readonly perWave: ReadonlyMap<number, number>;
}

/** How the targets are shared out, and which of `things` are among them. Nobody else adds any until the transaction ends. */
export async function lockTargets(
  connection: Connection,
  run: string,
  things: readonly string[],
): Promise<AssignedTargets & { readonly known: ReadonlySet<string> }> {
  await connection.query('select from rollouts where run_id = $1 for update', [run]);
  const { rows } = await connection.query<{ wave: number | null; targets: number }>(
    `select wave, count(*)::int as targets from rollout_targets
     where run_id = $1 and (wave is not null or skip_reason is distinct from 'misfit') group by wave`,
    [run],
  );
  const known = await connection.query<{ thing: string }>(
    'select thing from rollout_targets where run_id = $1 and thing = any($2)',
    [run, things],
  );
  return {
    total: rows.reduce((sum, { targets }) => sum + targets, 0),
    perWave: new Map(rows.flatMap(({ wave, targets }) => (wave === null ? [] : [[wave, targets]]))),
    known: new Set(known.rows.map(({ thing }) => thing)),
  };
}

/** Targets that are not offered the version, by wave. */
export async function countSkipped(pool: Pool, run: string): Promise<Map<number, number>> {
  const { rows } = await pool.query<{ wave: number; skipped: number }>(
    `select wave, count(*)::int as skipped from rollout_targets
     where run_id = $1 and skip_reason is not null and wave is not null group by wave`,
    [run],
  );
  return new Map(rows.map(({ wave, skipped }) => [wave, skipped]));
}
