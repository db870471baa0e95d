import type { Conditions } from './condition.ts';
import type { LoopRules } from './measurement-loop.ts';

// What an analysis consists of once its templates are settled: plain JSON, part of the plan.

export const DIRECTIONS = ['increase', 'decrease', 'either'] as const;
/** Which change of a metric is bad. */
export type Direction = (typeof DIRECTIONS)[number];

export const NAN_STRATEGIES = ['remove', 'replace'] as const;
/** What becomes of a sample without a number: left out, or 0. */
export type NanStrategy = (typeof NAN_STRATEGIES)[number];

export const EFFECT_MEASURES = ['mean_ratio', 'cles'] as const;
/** Mean of the experiment by mean of the control, or the part of pairs in which the experiment is above (common language effect size). */
export type EffectMeasure = (typeof EFFECT_MEASURES)[number];

/** The effect from which a change counts. */
export interface EffectLimits {
  readonly increase: number;
  readonly decrease: number;
}

/** Without any change the measure is this: every difference that the test sees counts. */
export const NO_EFFECT: Readonly<Record<EffectMeasure, number>> = { mean_ratio: 1, cles: 0.5 };

/** How the samples of a metric are judged. */
export interface ClassificationRules {
  readonly direction: Direction;
  readonly nanStrategy: NanStrategy;
  readonly outliers: { readonly kind: 'keep' } | { readonly kind: 'remove'; readonly factor: number };
  /** The part of the estimated shift that its confidence interval must be away from 0. */
  readonly tolerance: number;
  readonly effect: { readonly measure: EffectMeasure; readonly allowed: EffectLimits };
  /** A critical metric that fails by its limits, or has no data, fails the whole. */
  readonly criticality: { readonly kind: 'normal' } | { readonly kind: 'critical'; readonly limits: EffectLimits };
  /** Whether a metric without data counts as failed. */
  readonly mustHaveData: boolean;
}

/** Where a metric's values come from; `{{args.version}}` and `{{args.arm}}` are still in it (see `forArm`). */
export type Provider =
  | { readonly type: 'haproxy'; readonly metric: HaproxyMetric }
  | { readonly type: 'prometheus'; readonly address: string; readonly query: string }
  | {
      readonly type: 'http_json';
      readonly url: string;
      /** Keys and indices with dots between: `data.results.0.value`. */
      readonly jsonPath: string;
    }
  | { readonly type: 'container_stats'; readonly metric: ContainerMetric };

export const HAPROXY_METRICS = ['error_rate_percent', 'response_time_ms', 'requests_per_second'] as const;
export type HaproxyMetric = (typeof HAPROXY_METRICS)[number];

export const CONTAINER_METRICS = ['cpu_percent', 'memory_bytes'] as const;
export type ContainerMetric = (typeof CONTAINER_METRICS)[number];

/** A metric as it is measured and judged. */
export interface SettledMetric {
  readonly name: string;
  readonly group: string;
  readonly provider: Provider;
  readonly rules: ClassificationRules;
  readonly conditions: Conditions;
  readonly loop: LoopRules;
}

/** Scores from 0 to 100: at `pass` or above the new version goes on, below `marginal` it stops at once. */
export interface ScoreThresholds {
  readonly pass: number;
  readonly marginal: number;
}

/** Percent of the whole by group; groups without one share what is left. */
export type GroupWeights = Readonly<Record<string, number>>;

export interface SettledAnalysis {
  readonly metrics: readonly SettledMetric[];
  readonly thresholds: ScoreThresholds;
  readonly weights: GroupWeights;
}
