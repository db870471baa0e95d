import type { SlotOperation } from '#domain/fleet/slot-operation.ts';
import { addCounts, NO_COUNTS, type WaveCounts } from '#domain/fleet/counts.ts';
import type { OfferStanding } from '#domain/fleet/judge-offer.ts';
import type { Pool } from './pool.ts';

interface Row {
  wave: number;
  operation: SlotOperation;
  queued: number;
  inProgress: number;
  succeeded: number;
  failed: number;
  rejected: number;
  timedOut: number;
  canceled: number;
}

/** A wave that was opened: what it does with slots, and how its devices stand. */
export interface OpenedWave {
  readonly operation: SlotOperation;
  /** `skipped` is 0. */
  readonly counts: WaveCounts;
}

/** The devices that a run offered its new version to, by wave. A few rows, however large the fleet. */
export async function countInstalls(pool: Pool, run: string): Promise<Map<number, OpenedWave>> {
  // Slots are negative for themselves (queued by one, taken by another); only their sum means something.
  const { rows } = await pool.query<Row>(
    `select j.wave, j.operation, coalesce(sum(c.queued), 0)::int as queued, coalesce(sum(c.in_progress), 0)::int as "inProgress",
       coalesce(sum(c.succeeded), 0)::int as succeeded, coalesce(sum(c.failed), 0)::int as failed,
       coalesce(sum(c.rejected), 0)::int as rejected, coalesce(sum(c.timed_out), 0)::int as "timedOut",
       coalesce(sum(c.canceled), 0)::int as canceled
     from jobs j left join job_counters c on c.job_seq = j.seq
     where j.run_id = $1 and j.purpose = 'install' group by j.wave, j.operation`,
    [run],
  );
  return new Map(
    rows.map(({ wave, operation, ...row }) => [
      wave,
      { operation, counts: { ...NO_COUNTS, ...row, offered: sum(row) } },
    ]),
  );
}

/** Targets of the waves up to `wave` that were not offered anything yet. */
async function countUnreleased(pool: Pool, run: string, wave: number): Promise<number> {
  const { rows } = await pool.query<{ unreleased: number }>(
    `select count(*)::int as unreleased from rollout_targets
     where run_id = $1 and wave <= $2 and released_at is null and skip_reason is null`,
    [run, wave],
  );
  return rows[0]?.unreleased ?? 0;
}

/**
 * How a wave (the last that was opened, if none is named) and its run stand. Of the run that is what was done in the same
 * way: how many devices could be staged says nothing of how many can be activated.
 */
export async function readStanding(pool: Pool, run: string, wave?: number): Promise<OfferStanding> {
  const before = wave ?? Math.max(0, ...(await countInstalls(pool, run)).keys());
  // In this order: a device released in between is counted twice, never not at all.
  const unchosen = await countUnreleased(pool, run, before);
  const byWave = await countInstalls(pool, run);
  const { operation, counts } = byWave.get(before) ?? { operation: 'install', counts: NO_COUNTS };
  const same = totalOf(byWave, (one) => one === operation);
  if (operation !== 'activate') return { wave: counts, run: same, unreleased: unchosen };
  const staged = totalOf(byWave, (one) => one === 'stage').succeeded;
  return { wave: counts, run: same, unreleased: Math.max(0, staged - same.offered) };
}

/** All waves together, or those that do what is meant. */
export const totalOf = (
  byWave: ReadonlyMap<number, OpenedWave>,
  isMeant: (operation: SlotOperation) => boolean = () => true,
): WaveCounts =>
  [...byWave.values()]
    .filter(({ operation }) => isMeant(operation))
    .reduce((total, { counts }) => addCounts(total, counts), NO_COUNTS);

/** Whether a device may be on the new version by it. */
export const switchesVersion = (operation: SlotOperation): boolean => operation !== 'stage';

const sum = (row: Omit<Row, 'wave' | 'operation'>): number =>
  row.queued + row.inProgress + row.succeeded + row.failed + row.rejected + row.timedOut + row.canceled;
