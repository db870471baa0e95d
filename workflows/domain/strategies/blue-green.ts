import type { StrategyInput, StrategyWaves } from './strategy-input.ts';

/** The new version into the other slot of everything that the rollout reaches, then all of them onto it at once. */
export function blueGreen({ rolloutPercentage, switchTimeoutMs }: StrategyInput): StrategyWaves {
  return {
    strategy: { kind: 'blue_green', upToPercent: rolloutPercentage, switchTimeoutMs },
    waves: [
      { kind: 'percent', percent: rolloutPercentage, operation: 'stage' },
      { kind: 'percent', percent: rolloutPercentage, operation: 'activate' },
    ],
  };
}
