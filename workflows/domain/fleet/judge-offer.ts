import type { RollbackCriteria } from '../plan/plan-base.ts';
import { executed, failures, type WaveCounts } from './counts.ts';
import { breachesFailureRate, failureRatePercent, judgeWave, type WaveVerdict } from './thresholds.ts';

/** How a wave and its whole run stand at one moment. */
export interface OfferStanding {
  readonly wave: WaveCounts;
  readonly run: WaveCounts;
  /** Targets up to this wave that the rate limit still keeps back. */
  readonly unreleased: number;
}

export interface OfferRules {
  readonly criteria: RollbackCriteria;
  readonly successThresholdPercent: number;
  readonly isPastDeadline: boolean;
  /** Nothing moved for the progress deadline. */
  readonly isStill: boolean;
}

export type OfferVerdict = 'wait' | 'breach' | 'passed' | 'short' | 'stalled';

/**
 * What becomes of a wave: a breach of the whole run's failure rate first, then the wave's own end. One that stands still is
 * stalled, unless so many devices succeeded that its time can only end well: then it goes on waiting for the others.
 */
export function judgeOffer({ wave, run, unreleased }: OfferStanding, rules: OfferRules): OfferVerdict {
  if (breachesFailureRate(withUnreleased(run, unreleased), rules.criteria)) return 'breach';
  const judge = (isPastDeadline: boolean): WaveVerdict =>
    judgeWave(withUnreleased(wave, unreleased), rules.successThresholdPercent, isPastDeadline);
  const verdict = judge(rules.isPastDeadline);
  if (verdict === 'wait') return rules.isStill && judge(true) === 'short' ? 'stalled' : 'wait';
  return verdict === 'go-on' ? 'passed' : verdict;
}

/**
 * The counts that rules judge: devices still kept back by the rate limit belong to the wave as well. Without them the
 * first device to fail would be all of a wave, and a wave would pass with most of it never offered.
 */
export const withUnreleased = (counts: WaveCounts, unreleased: number): WaveCounts => ({
  ...counts,
  offered: counts.offered + unreleased,
  queued: counts.queued + unreleased,
});

/** The breach in one line: `failure rate 35 % > 10 %: 7 of 20 devices failed`. */
export function describeFailureRate(counts: WaveCounts, criteria: RollbackCriteria): string {
  const rate = Math.round(failureRatePercent(counts) * 10) / 10;
  const limit = criteria.maxFailureRatePercent ?? 100;
  return `failure rate ${rate} % > ${limit} %: ${failures(counts)} of ${executed(counts)} devices failed`;
}
