// Looks at a release as its run's watch does, and analyses to be looked by.
import { Context } from '@temporalio/activity';
import type { Provider, SettledAnalysis, SettledMetric } from '#domain/analysis/analysis.ts';
import { parseCondition } from '#domain/analysis/condition.ts';
import type { LoopRules } from '#domain/analysis/measurement-loop.ts';
import type { RollbackCriteria } from '#domain/plan/plan-base.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import type { Verdict, WatchInput } from '#domain/ports/watch.port.ts';
import { judgeRelease } from '../../../activities/containers/watch/judge-release.ts';
import { lookAtRelease } from '../../../activities/containers/watch/look-at-release.ts';
import type { ContainerDeps } from '../../../activities/containers/deps.ts';
import { attempt } from '../fleet/fleet-world.ts';

const SILENT = { note: (): void => undefined };

/** One look of a watch without criteria but those given. */
export function lookAt(
  { deps }: { readonly deps: ContainerDeps },
  ref: RunRef,
  criteria: Partial<RollbackCriteria> = {},
): Promise<Verdict> {
  const input: WatchInput = {
    ...ref,
    watch: {
      everyMs: 1_000,
      healthChecks: [],
      criteria: { maxFailureRatePercent: null, minimumExecuted: 10, onHealthCheckFailure: false, ...criteria },
    },
  };
  return attempt((asked: WatchInput) => {
    const { cancellationSignal: signal, sleep: wait } = Context.current();
    const tools = { dataDirectory: deps.dataDirectory, signal, wait, budgetMs: 10_000 };
    return lookAtRelease({ ...deps, pulse: SILENT, signal }, asked, tools);
  }, input).result;
}

/** What the judge of a release says. */
export const judged = ({ deps }: { readonly deps: ContainerDeps }, ref: RunRef) =>
  attempt(
    (asked: RunRef) => judgeRelease({ ...deps, pulse: SILENT, signal: Context.current().cancellationSignal }, asked),
    ref,
  ).result;

const LOOP: LoopRules = {
  initialDelayMs: 0,
  intervalMs: 1,
  count: null,
  failureLimit: 0,
  inconclusiveLimit: 0,
  consecutiveErrorLimit: 1,
  consecutiveSuccessLimit: null,
  isDryRun: false,
  measurementRetention: 10,
};

interface MetricWish {
  readonly name?: string;
  /** As it stands in a file: `result > 5`. */
  readonly failure?: string;
  readonly success?: string;
  readonly loop?: Partial<LoopRules>;
  readonly rules?: Partial<SettledMetric['rules']>;
}

/** A metric that is measured at each look. */
export function metricOf(provider: Provider, { name = 'value', failure, success, loop, rules }: MetricWish = {}) {
  const metric: SettledMetric = {
    name,
    group: 'all',
    provider,
    conditions: {
      failure: failure === undefined ? null : parseCondition(failure),
      success: success === undefined ? null : parseCondition(success),
    },
    loop: { ...LOOP, ...loop },
    rules: {
      direction: 'increase',
      nanStrategy: 'remove',
      outliers: { kind: 'keep' },
      tolerance: 0.25,
      effect: { measure: 'mean_ratio', allowed: { increase: 1, decrease: 1 } },
      criticality: { kind: 'normal' },
      mustHaveData: false,
      ...rules,
    },
  };
  return metric;
}

export const analysisOf = (...metrics: readonly SettledMetric[]): SettledAnalysis => ({
  metrics,
  thresholds: { pass: 95, marginal: 75 },
  weights: {},
});
