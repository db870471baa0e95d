import type { WaveTally } from '../../../activities/adapters/postgres/run-counts.ts';
import { addCounts, executed, NO_COUNTS, type WaveCounts } from '#domain/fleet/counts.ts';
import type { Phase } from '#domain/run/run-state.ts';

/**
 * How far a run is, 0 to 100: devices that ended by themselves (well or badly) of those that it has to bring to the new
 * version. 100 only when completed; a run that stops on the way keeps what it reached.
 */
export function progressPercent(phase: Phase, tallies: readonly WaveTally[]): number {
  if (phase === 'completed') return 100;
  const targets = tallies.reduce((sum, tally) => sum + tally.targets, 0);
  if (targets === 0) return 0;
  return Math.min(99, Math.floor((executed(sumCounts(tallies)) / targets) * 100));
}

/** The counts of all waves together. */
export const sumCounts = (tallies: readonly WaveTally[]): WaveCounts =>
  tallies.reduce((sum, { counts }) => addCounts(sum, counts), NO_COUNTS);
