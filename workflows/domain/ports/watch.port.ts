import type { WatchPlan } from '../plan/plan.ts';
import type { RunRef } from './fleet.port.ts';

export interface WatchInput extends RunRef {
  readonly watch: WatchPlan;
}

export type Verdict =
  | { readonly kind: 'healthy' }
  | {
      readonly kind: 'unhealthy';
      /** Which criterion: a person may accept this one and let the run go on under the others. */
      readonly criterion: 'failure-rate' | 'health-check';
      readonly summary: string;
      readonly evidence: string | null;
    }
  | { readonly kind: 'inconclusive'; readonly why: string };

/** Implemented by `activities/watch`; queue `telemetry`. */
export interface WatchActivities {
  /** One look per attempt; finding nothing it fails benignly with `nextRetryDelay`. Returns only `unhealthy` or `inconclusive`. */
  watchCriteria(input: WatchInput): Promise<Verdict>;
  /** One look, answered at once: before each effect and before the verdict. */
  lookOnce(input: WatchInput): Promise<Verdict>;
}
