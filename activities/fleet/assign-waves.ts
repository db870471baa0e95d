import { cumulativeTargets } from '#domain/fleet/waves.ts';
import type { WaveSelection } from '#domain/plan/plan.ts';
import { compileDeviceFilter, type FilteredDevice } from '../adapters/cel/device-filter.ts';

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
    case 'filter': {
      const matches = compileDeviceFilter(wave.filter);
      return free.filter((place) => matches(at(standing.candidates, place)));
    }
    case 'devices': {
      const named = new Set(wave.things);
      return free.filter((place) => named.has(at(standing.candidates, place).thing));
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
