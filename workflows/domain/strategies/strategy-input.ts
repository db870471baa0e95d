import type { FleetStrategy, WaveSelection } from '../plan/plan.ts';

/** What a strategy is made of; percentages are cumulative over all targets. */
export interface StrategyInput {
  /** The first wave of a canary. */
  readonly canaryPercentage: number;
  /** Where the rollout ends: the last wave of every strategy. */
  readonly rolloutPercentage: number;
  /** Size of each batch of a rolling update. */
  readonly batchPercentage: number;
  /** Longest that the activation of a blue-green rollout takes. */
  readonly switchTimeoutMs: number;
  /** Waves written out by hand; null lets the strategy make them. */
  readonly waves: readonly WaveSelection[] | null;
}

export interface StrategyWaves {
  readonly strategy: FleetStrategy;
  readonly waves: readonly WaveSelection[];
}

export const percentWaves = (percentages: readonly number[]): WaveSelection[] =>
  percentages.map((percent) => ({ kind: 'percent', percent }));
