import type { Iso } from '../time.ts';
import type { ClassificationRules, GroupWeights, ScoreThresholds } from './analysis.ts';
import { classifyMetric, JUDGE_CONFIDENCE, type Classification, type MetricSamples } from './classify-metric.ts';
import type { Compared } from './mann-whitney.ts';
import { mean, percentile } from './percentile.ts';
import { scoreMetrics, type AnalysisResult, type GroupScore } from './score.ts';

/** The time that samples were taken in: now, or any window of the past. The judge has no clock and knows no difference. */
export interface SampleWindow {
  readonly from: Iso;
  readonly until: Iso;
}

/** What was measured in a window, by the name of the metric; one that is missing has no data. */
export interface Observed {
  readonly window: SampleWindow;
  readonly samples: Readonly<Record<string, MetricSamples>>;
}

/** The part of a `SettledMetric` that is judged. */
export interface JudgedMetric {
  readonly name: string;
  readonly group: string;
  readonly rules: ClassificationRules;
  /** A dry run is shown, not scored. */
  readonly loop: { readonly isDryRun: boolean };
}

/** The rules of a verdict; a `SettledAnalysis` is one. */
export interface JudgedAnalysis {
  readonly metrics: readonly JudgedMetric[];
  readonly weights: GroupWeights;
  readonly thresholds: ScoreThresholds;
}

/** One side's values after cleaning, in the metric's unit; null without any. */
export interface SampleSummary {
  /** Samples as they were taken, those without a value included. */
  readonly taken: number;
  /** Values that were judged. */
  readonly judged: number;
  readonly mean: number | null;
  readonly median: number | null;
  readonly p95: number | null;
}

export interface MetricVerdict {
  readonly name: string;
  readonly group: string;
  readonly classification: Classification;
  readonly reason: string;
  readonly isCriticalFailure: boolean;
  readonly isDryRun: boolean;
  readonly effect: number | null;
  readonly comparison: Compared | null;
  readonly experiment: SampleSummary;
  readonly control: SampleSummary;
}

/** Plain JSON: stored as evidence, and the same again for the same input. */
export interface AnalysisVerdict {
  readonly window: SampleWindow;
  readonly result: AnalysisResult;
  /** 0 to 100, two decimals. */
  readonly score: number;
  readonly reason: string;
  readonly groups: readonly GroupScore[];
  readonly metrics: readonly MetricVerdict[];
}

/**
 * The verdict on a new version by Kayenta's statistics: a pure function of the rules and of what was observed. Looking back
 * at a past window is this call with that window's samples, and trying other rules is it with other rules.
 */
export function judge(
  { metrics, weights, thresholds }: JudgedAnalysis,
  { window, samples }: Observed,
  confidence = JUDGE_CONFIDENCE,
): AnalysisVerdict {
  const verdicts = metrics.map((metric) => {
    const taken = Object.hasOwn(samples, metric.name) ? samples[metric.name] : undefined;
    return judgeMetric(metric, taken ?? NOTHING_MEASURED, confidence);
  });
  const { result, score, reason, groups } = scoreMetrics(verdicts, weights, thresholds);
  return { window, result, score, reason, groups, metrics: verdicts };
}

const NOTHING_MEASURED: MetricSamples = { experiment: [], control: [] };

function judgeMetric(metric: JudgedMetric, samples: MetricSamples, confidence: number): MetricVerdict {
  const { name, group, rules, loop } = metric;
  const { experiment, control, effect, comparison, ...classified } = classifyMetric(rules, samples, confidence);
  return {
    name,
    group,
    isDryRun: loop.isDryRun,
    ...classified,
    effect: effect === null ? null : plain(effect),
    comparison: comparison && plainly(comparison),
    experiment: summaryOf(samples.experiment.length, experiment),
    control: summaryOf(samples.control.length, control),
  };
}

function summaryOf(taken: number, values: readonly number[]): SampleSummary {
  const judged = values.length;
  if (judged === 0) return { taken, judged, mean: null, median: null, p95: null };
  const sorted = values.toSorted((a, b) => a - b);
  const [middle, high] = [percentile(sorted, 0.5), percentile(sorted, 0.95)];
  return { taken, judged, mean: plain(mean(sorted)), median: plain(middle), p95: plain(high) };
}

const plainly = (compared: Compared): Compared => ({
  ...compared,
  estimate: plain(compared.estimate),
  lower: plain(compared.lower),
  upper: plain(compared.upper),
});

/** JSON has no −0. */
const plain = (value: number): number => (value === 0 ? 0 : value);
