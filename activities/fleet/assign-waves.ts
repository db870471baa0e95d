import { cumulativeTargets } from '#domain/fleet/waves.ts';
import type { WaveSelection } from '#domain/plan/plan.ts';
import type { DeviceFilter, FilteredDevice } from '../adapters/cel/device-filter.ts';
import { chooserOf } from '../adapters/cel/wave-filter.ts';

/** A device of the selection, in the order of the run. */
export interface Candidate extends FilteredDevice {
  /** It runs the version already: belongs to its wave, is not offered anything. */
  readonly skipped: boolean;
}

/**
 * The wave (1-based) of each candidate, null for those beyond the last wave's share. Percentages are cumulative over all
 * candidates, those of earlier waves and skipped ones included.
 */
export function assignWaves(candidates: readonly Candidate[], waves: readonly WaveSelection[]): (number | null)[] {
  const assigned: (number | null)[] = candidates.map(() => null);
  let taken = 0;
  for (const [index, wave] of waves.entries()) {
    for (const place of choose(wave, { candidates, assigned, taken })) {
      assigned[place] = index + 1;
      taken += 1;
    }
  }
  return assigned;
}

interface Standing {
  readonly candidates: readonly Candidate[];
  readonly assigned: readonly (number | null)[];
  readonly taken: number;
}

function choose(wave: WaveSelection, standing: Standing): number[] {
  const free = [...standing.assigned.keys()].filter((place) => standing.assigned[place] === null);
  switch (wave.kind) {
    case 'percent': {
      const wanted = cumulativeTargets(standing.candidates.length, wave.percent) - standing.taken;
      return withOneToTry(free, Math.max(0, wanted), standing.candidates);
    }
    case 'count':
      return withOneToTry(free, wave.count, standing.candidates);
    case 'filter':
    case 'devices': {
      const takes = chooserOf(wave);
      return free.filter((place) => takes(at(standing.candidates, place)));
    }
  }
}

/** The first `count` of `free`; more if all of them are skipped, because a wave that tries nothing proves nothing. */
function withOneToTry(free: readonly number[], count: number, candidates: readonly Candidate[]): number[] {
  const isToDo = (place: number): boolean => !at(candidates, place).skipped;
  const first = free.findIndex(isToDo);
  const needed = count > 0 && first >= count ? first + 1 : count;
  return free.slice(0, needed);
}

function at(candidates: readonly Candidate[], place: number): Candidate {
  const candidate = candidates[place];
  if (!candidate) throw new Error(`no candidate ${place}`);
  return candidate;
}

/** What a run has before devices join it. */
export interface Assigned {
  /** Its targets that the firmware fits, those in no wave among them. */
  readonly total: number;
  /** How many of them each wave (1-based) holds. */
  readonly perWave: ReadonlyMap<number, number>;
}

/**
 * The wave of each of `joiners`, which come in the order of the run: the last of the plan that takes it, null when none does.
 * Percentages are of the enlarged total; the highest bounds them all. A count takes what it lacked when the run began.
 */
export function assignJoiners(
  joiners: readonly FilteredDevice[],
  waves: readonly WaveSelection[],
  { total, perWave }: Assigned,
): (number | null)[] {
  const held = waves.map((_wave, index) => perWave.get(index + 1) ?? 0);
  const enlarged = total + joiners.length;
  const takers = waves.map((wave, index) =>
    takerOf(wave, { held, index, enlarged, isHighest: isHighest(waves, index) }),
  );
  return joiners.map((joiner) => {
    const index = takers.findLastIndex((takes) => takes(joiner));
    if (index === -1) return null;
    held[index] = (held[index] ?? 0) + 1;
    return index + 1;
  });
}

interface Place {
  /** How many each wave holds by now. */
  readonly held: readonly number[];
  readonly index: number;
  readonly enlarged: number;
  readonly isHighest: boolean;
}

function takerOf(wave: WaveSelection, { held, index, enlarged, isHighest }: Place): DeviceFilter {
  switch (wave.kind) {
    case 'percent': {
      const share = cumulativeTargets(enlarged, wave.percent);
      return () => isHighest && held.slice(0, index + 1).reduce((sum, one) => sum + one, 0) < share;
    }
    case 'count':
      return () => (held[index] ?? 0) < wave.count;
    case 'filter':
    case 'devices':
      return chooserOf(wave);
  }
}

/** Whether no later wave goes by percentage, too. */
const isHighest = (waves: readonly WaveSelection[], index: number): boolean =>
  waves.findLastIndex(({ kind }) => kind === 'percent') === index;
