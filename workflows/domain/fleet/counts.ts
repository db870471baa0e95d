/** How the devices of one or more jobs stand. `offered` is the sum of all others. */
export interface WaveCounts {
  readonly offered: number;
  readonly queued: number;
  readonly inProgress: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly rejected: number;
  readonly timedOut: number;
  readonly canceled: number;
  /** Targets that were not offered it: they ran it already, it does not fit them, or they could not go back from it. */
  readonly skipped: number;
}

export const NO_COUNTS: WaveCounts = {
  offered: 0,
  queued: 0,
  inProgress: 0,
  succeeded: 0,
  failed: 0,
  rejected: 0,
  timedOut: 0,
  canceled: 0,
  skipped: 0,
};

/** Field-wise sum. */
export function addCounts(a: WaveCounts, b: WaveCounts): WaveCounts {
  return {
    offered: a.offered + b.offered,
    queued: a.queued + b.queued,
    inProgress: a.inProgress + b.inProgress,
    succeeded: a.succeeded + b.succeeded,
    failed: a.failed + b.failed,
    rejected: a.rejected + b.rejected,
    timedOut: a.timedOut + b.timedOut,
    canceled: a.canceled + b.canceled,
    skipped: a.skipped + b.skipped,
  };
}

/**
 * Each device once where `staged` ones are activated: by what its activation came to, else by its staging. Who is staged and
 * no more runs the version before, and is counted as queued.
 */
export function countsOfSlots(staged: WaveCounts, activated: WaveCounts): WaveCounts {
  const waiting = Math.max(0, staged.succeeded - activated.offered);
  const unstaged = { ...staged, succeeded: 0, offered: staged.offered - staged.succeeded };
  const sum = addCounts(unstaged, activated);
  return { ...sum, queued: sum.queued + waiting, offered: sum.offered + waiting };
}

/** Devices that ended badly. */
export const failures = (counts: WaveCounts): number => counts.failed + counts.rejected + counts.timedOut;

/** Devices that ended by themselves, well or badly; withdrawn ones do not count. */
export const executed = (counts: WaveCounts): number => counts.succeeded + failures(counts);

/** Devices that still may end: offered and neither ended nor withdrawn. */
export const pending = (counts: WaveCounts): number => counts.queued + counts.inProgress;
