import { counted } from '../counted.ts';
import type { WaveSelection } from '../plan/plan.ts';
import type { SlotOperation } from './slot-operation.ts';
import type { RunWave } from '../plan/run-plan.ts';

/** Devices that belong to the waves up to a cumulative percentage: rounded up, at least one if there is any. */
export function cumulativeTargets(total: number, percent: number): number {
  if (total === 0) return 0;
  // Hundredths of a percent as whole numbers: 7 % of 100 must be 7, not 8 through 7.000000000000001.
  return Math.min(total, Math.max(1, Math.ceil((total * Math.round(percent * 100)) / 10_000)));
}

/** The waves of a canary: given percentages, or the first and the last with half-way in between. */
export function canaryPercentages(canaryPercent: number, rolloutPercent: number): number[] {
  const steps = [canaryPercent, 50, rolloutPercent].filter((percent) => percent >= canaryPercent);
  const capped = steps.map((percent) => Math.min(percent, rolloutPercent));
  return [...new Set(capped)].sort((a, b) => a - b);
}

/** The cumulative percentages of a rolling update in batches of `batchPercent`. */
export function rollingPercentages(batchPercent: number, upToPercent: number): number[] {
  const waves: number[] = [];
  // By multiples, not by adding up: nine times 1.1 must be 9.9, not a wave of nothing just before it.
  for (let percent = batchPercent; percent < upToPercent; percent = round(batchPercent * (waves.length + 1))) {
    waves.push(percent);
  }
  return [...waves, upToPercent];
}

const round = (percent: number): number => Math.round(percent * 100) / 100;

/** What a wave does with the slots of its devices. */
export const operationOf = (wave: WaveSelection | RunWave | undefined): SlotOperation =>
  (wave?.kind === 'percent' ? wave.operation : undefined) ?? 'install';

/** The waves that choose devices, from the first on: an activation takes what the staging before it chose. */
export const choosingWaves = (waves: readonly WaveSelection[]): WaveSelection[] =>
  waves.filter((wave) => operationOf(wave) !== 'activate');

/** Stands in steps, summaries and pages. */
const LONGEST_LABEL = 80;

/** A wave as people read it, a long filter cut short. */
export function waveLabel(wave: WaveSelection | RunWave): string {
  switch (wave.kind) {
    case 'percent':
      return `${wave.operation === undefined ? '' : `${wave.operation} on `}${wave.percent} %`;
    case 'count':
      return counted(wave.count, 'device');
    case 'filter':
      return wave.filter.length > LONGEST_LABEL ? `${wave.filter.slice(0, LONGEST_LABEL - 1)}…` : wave.filter;
    case 'devices':
      return counted('named' in wave ? wave.named : wave.things.length, 'named device');
  }
}
