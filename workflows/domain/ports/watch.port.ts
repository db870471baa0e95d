import type { WatchPlan } from '../plan/plan-base.ts';
import type { RunRef } from './fleet.port.ts';

export interface WatchInput extends RunRef {
  readonly watch: WatchPlan;
}

export type Verdict =
  { readonly kind: 'healthy' } | Unhealthy | { readonly kind: 'inconclusive'; readonly why: string };

/** A criterion that became true: a person may accept this one and let the run go on under the others. */
export type Unhealthy =
  | (Found & { readonly criterion: 'failure-rate'; /** As it was seen. */ readonly failureRatePercent: number })
  | (Found & { readonly criterion: 'health-check' | 'analysis' | 'performance' | 'user-reports' | 'progress' });

interface Found {
  readonly kind: 'unhealthy';
  readonly summary: string;
  readonly evidence: string | null;
}

/** Implemented by `activities/watch`; queue `telemetry`. */
export interface WatchActivities {
  /** One look per attempt; finding nothing it fails benignly with `nextRetryDelay`. Returns only `unhealthy` or `inconclusive`. */
  watchCriteria(input: WatchInput): Promise<Verdict>;
  /** One look, answered at once: before each effect and before the verdict. */
  lookOnce(input: WatchInput): Promise<Verdict>;
}
