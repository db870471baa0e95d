import type { RollbackCriteria } from '../plan/plan-base.ts';
import { executed, failures, pending, type WaveCounts } from './counts.ts';

/** Failed devices in percent of those that ended, 0 when none did. */
export function failureRatePercent(counts: WaveCounts): number {
  const ended = executed(counts);
  return ended === 0 ? 0 : (failures(counts) / ended) * 100;
}

/**
 * True when the failure rate is over its limit and enough devices ended to say so: `minimumExecuted` of them, or all
 * that were offered if those are fewer (a canary of three must be able to fail).
 */
export function breachesFailureRate(counts: WaveCounts, criteria: RollbackCriteria): boolean {
  if (criteria.maxFailureRatePercent === null || executed(counts) === 0) return false;
  const enough = executed(counts) >= Math.min(criteria.minimumExecuted, counts.offered - counts.canceled);
  return enough && failureRatePercent(counts) > criteria.maxFailureRatePercent;
}

export type WaveVerdict = 'go-on' | 'wait' | 'short';

/**
 * Whether a wave may end. It ends when every offered device is terminal or its deadline passed; `short` when fewer than
 * `successThresholdPercent` of the offered devices succeeded. A wave without any device passes.
 */
export function judgeWave(counts: WaveCounts, successThresholdPercent: number, pastDeadline: boolean): WaveVerdict {
  if (pending(counts) > 0 && !pastDeadline) return 'wait';
  if (counts.offered === 0) return 'go-on';
  const needed = (counts.offered * successThresholdPercent) / 100;
  return counts.succeeded >= needed ? 'go-on' : 'short';
}
