import { canaryPercentages } from '../fleet/waves.ts';
import { percentWaves, type StrategyInput, type StrategyWaves } from './strategy-input.ts';

/** A small wave first, then half of the targets, then all that the rollout reaches; or the waves written out by hand. */
export function canary({ canaryPercentage, rolloutPercentage, waves }: StrategyInput): StrategyWaves {
  const settled = waves ?? percentWaves(canaryPercentages(canaryPercentage, rolloutPercentage));
  const percentages = settled.flatMap((wave) => (wave.kind === 'percent' ? [wave.percent] : []));
  return { strategy: { kind: 'canary', percentages }, waves: settled };
}
