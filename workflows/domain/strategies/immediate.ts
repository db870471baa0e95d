import { percentWaves, type StrategyInput, type StrategyWaves } from './strategy-input.ts';

/** Everything that the rollout reaches in one wave. */
export function immediate({ rolloutPercentage }: StrategyInput): StrategyWaves {
  return {
    strategy: { kind: 'immediate', upToPercent: rolloutPercentage },
    waves: percentWaves([rolloutPercentage]),
  };
}
