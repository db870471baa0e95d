import type { WaveTally } from '../../../activities/adapters/postgres/run-counts.ts';
import { addCounts, countsOfSlots, executed, NO_COUNTS, type WaveCounts } from '#domain/fleet/counts.ts';
import type { RunView } from '#domain/run/run-view.ts';
import type { Phase } from '#domain/run/run-state.ts';

/**
 * How far a run is, 0 to 100: devices that ended by themselves (well or badly) of those that it has to bring to the new
 * version, in each of its ways. 100 only when completed; a run that stops on the way keeps what it reached.
 */
export function progressPercent(phase: Phase, tallies: readonly WaveTally[]): number {
  if (phase === 'completed') return 100;
  const targets = tallies.reduce((sum, tally) => sum + tally.targets, 0);
  if (targets === 0) return 0;
  const ended = tallies.reduce((sum, { counts }) => sum + executed(counts), 0);
  return Math.min(99, Math.floor((ended / targets) * 100));
}

/** How far a release is, 0 to 100: steps behind it of all. 100 only when completed; one that is over keeps nothing else. */
export function stepProgressPercent(phase: Phase, view: Pick<RunView, 'step' | 'steps'> | null): number {
  if (phase === 'completed') return 100;
  if (!view || view.steps === 0) return 0;
  return Math.min(99, Math.floor(((view.step?.index ?? 0) / view.steps) * 100));
}

/** The counts of all waves together, each device once: who is staged and not activated is none that succeeded. */
export function sumCounts(tallies: readonly WaveTally[]): WaveCounts {
  const others = totalOf(tallies, (operation) => operation !== 'stage');
  const isStaged = tallies.length > 1 && tallies.some(({ operation }) => operation === 'stage');
  return isStaged ? countsOfSlots(stagedOf(tallies), others) : totalOf(tallies, () => true);
}

/** Devices that hold the version in their other slot and were not asked to activate it. */
export function stagedOnly(tallies: readonly WaveTally[]): number {
  const activated = totalOf(tallies, (operation) => operation === 'activate');
  return Math.max(0, stagedOf(tallies).succeeded - activated.offered);
}

/** Devices that the waves have to bring to the new version, each once: an activation has none of its own. */
export const targetsOf = (tallies: readonly WaveTally[]): number =>
  tallies.reduce((sum, { operation, targets }) => sum + (operation === 'activate' ? 0 : targets), 0);

const stagedOf = (tallies: readonly WaveTally[]): WaveCounts => totalOf(tallies, (operation) => operation === 'stage');

const totalOf = (tallies: readonly WaveTally[], isMeant: (operation: WaveTally['operation']) => boolean): WaveCounts =>
  tallies.filter(({ operation }) => isMeant(operation)).reduce((sum, { counts }) => addCounts(sum, counts), NO_COUNTS);
