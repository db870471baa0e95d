import type { SlotOperation } from '#domain/fleet/slot-operation.ts';
import { failures, NO_COUNTS, type WaveCounts } from '#domain/fleet/counts.ts';
import type { SkipReason } from '#domain/fleet/turn.ts';
import type { Pool } from './pool.ts';
import { countInstalls, type OpenedWave } from './rollout-counts.ts';

/** How the devices of one wave stand this moment. `targets` are the devices that it has to bring to the new version. */
export interface WaveTally {
  readonly wave: number;
  readonly operation: SlotOperation;
  readonly targets: number;
  readonly counts: WaveCounts;
  /** Those of the skipped ones that do not run the version, by why not. */
  readonly leftOut: Readonly<Record<Exclude<SkipReason, 'current'>, number>>;
}

/** Devices on their way back, by the state of `rollback_targets`. */
export interface WayBackTally {
  readonly devices: number;
  readonly returned: number;
  /** Those that could not be brought back or did not answer. */
  readonly left: number;
}

interface TargetsRow {
  wave: number;
  targets: number;
  skipped: number;
  misfit: number;
  noWayBack: number;
}

/** The waves of a run in order, with live counts. Empty until the run has chosen its devices. */
export async function readWaveTallies(pool: Pool, run: string): Promise<WaveTally[]> {
  const { rows } = await pool.query<TargetsRow>(
    `select wave, count(*) filter (where not skipped)::int as targets, count(*) filter (where skipped)::int as skipped,
       count(*) filter (where skip_reason = 'misfit')::int as misfit,
       count(*) filter (where skip_reason = 'no-way-back')::int as "noWayBack"
     from rollout_targets where run_id = $1 and wave is not null group by wave order by wave`,
    [run],
  );
  const installs = await countInstalls(pool, run);
  const tallies = rows.map(({ wave, targets, skipped, misfit, noWayBack }): WaveTally => {
    const { operation, counts } = installs.get(wave) ?? { operation: 'install', counts: NO_COUNTS };
    return { wave, operation, targets, leftOut: { misfit, 'no-way-back': noWayBack }, counts: { ...counts, skipped } };
  });
  return tallies.flatMap((tally) => (tally.operation === 'stage' ? [tally, activationOf(tally, installs)] : [tally]));
}

/** It has no targets of its own: those that could be staged, as far as that is known. */
function activationOf({ wave, targets, counts }: WaveTally, installs: ReadonlyMap<number, OpenedWave>): WaveTally {
  return {
    wave: wave + 1,
    operation: 'activate',
    targets: targets - failures(counts) - counts.canceled,
    leftOut: { misfit: 0, 'no-way-back': 0 },
    counts: installs.get(wave + 1)?.counts ?? NO_COUNTS,
  };
}

/** How many devices have a way back to go, have gone it, and cannot; without precautions. All 0 when no rollback began. */
export async function readWayBackTally(pool: Pool, run: string): Promise<WayBackTally> {
  const { rows } = await pool.query<{ state: string; devices: number }>(
    `select state, count(*)::int as devices from rollback_targets where run_id = $1 and state <> 'precaution' group by state`,
    [run],
  );
  const sum = (isMeant: (state: string) => boolean): number =>
    rows.filter(({ state }) => isMeant(state)).reduce((total, { devices }) => total + devices, 0);
  const returned = sum((state) => state === 'returned');
  const onTheWay = sum((state) => state === 'offered');
  const devices = sum(() => true);
  return { devices, returned, left: devices - returned - onTheWay };
}
