import { rollingPercentages } from '../fleet/waves.ts';
import { percentWaves, type StrategyInput, type StrategyWaves } from './strategy-input.ts';

/** Batches of equal size up to where the rollout ends (the last may be smaller); or the waves written out by hand. */
export function rolling({ batchPercentage, rolloutPercentage, waves }: StrategyInput): StrategyWaves {
  const batchPercent = Math.min(batchPercentage, rolloutPercentage);
  return {
    strategy: { kind: 'rolling', batchPercent, upToPercent: rolloutPercentage },
    waves: waves ?? percentWaves(rollingPercentages(batchPercent, rolloutPercentage)),
  };
}
