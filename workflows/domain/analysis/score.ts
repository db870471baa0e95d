import { counted } from '../counted.ts';
import type { GroupWeights, ScoreThresholds } from './analysis.ts';
import type { Classification } from './classify-metric.ts';

// Kayenta's weighted sum of groups (spinnaker/kayenta: WeightedSumScorer, ThresholdScoreClassifier).

export interface ScoredMetric {
  readonly name: string;
  readonly group: string;
  readonly classification: Classification;
  readonly isCriticalFailure: boolean;
  /** Shown, not scored. */
  readonly isDryRun: boolean;
}

export interface GroupScore {
  readonly group: string;
  /** Of the whole score. */
  readonly weightPercent: number;
  /** 0 to 100. */
  readonly score: number;
}

export type AnalysisResult = 'pass' | 'marginal' | 'fail';

export interface Score {
  /** 0 to 100, two decimals. */
  readonly score: number;
  /** `fail` stops the new version at once. */
  readonly result: AnalysisResult;
  readonly reason: string;
  readonly groups: readonly GroupScore[];
}

/** The score of all metrics together. A critical failure, or no data for half of them, makes it 0. */
export function scoreMetrics(
  metrics: readonly ScoredMetric[],
  weights: GroupWeights,
  thresholds: ScoreThresholds,
): Score {
  const scored = metrics.filter(({ isDryRun }) => !isDryRun);
  const groups = groupScores(scored, weights);
  const none = whyNothing(metrics, scored);
  const sum = groups.reduce((total, { score, weightPercent }) => total + (score * weightPercent) / 100, 0);
  const score = none === null ? Math.round(sum * 100) / 100 : none.score;
  const result = score >= thresholds.pass ? 'pass' : score >= thresholds.marginal ? 'marginal' : 'fail';
  return { score, result, reason: none?.reason ?? describeScore(scored, score, thresholds), groups };
}

/** A score that the groups have no part in. */
function whyNothing(
  metrics: readonly ScoredMetric[],
  scored: readonly ScoredMetric[],
): { readonly score: number; readonly reason: string } | null {
  if (metrics.length === 0) return { score: 0, reason: 'nothing was measured' };
  if (scored.length === 0) return { score: 100, reason: 'every metric is a dry run' };
  const critical = scored.filter(({ isCriticalFailure }) => isCriticalFailure);
  if (critical.length > 0) return { score: 0, reason: `critical: ${critical.map(({ name }) => name).join(', ')}` };
  const missing = scored.filter(({ classification }) => classification === 'Nodata').length;
  if (missing * 2 < scored.length) return null;
  return { score: 0, reason: `no data for ${missing} of ${counted(scored.length, 'metric')}` };
}

function groupScores(scored: readonly ScoredMetric[], weights: GroupWeights): GroupScore[] {
  const names = [...new Set(scored.map(({ group }) => group))];
  const unweighted = names.filter((name) => !Object.hasOwn(weights, name));
  const left = 100 - Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  const share = left / unweighted.length;
  return names.map((group) => {
    const weightPercent = Object.hasOwn(weights, group) ? (weights[group] ?? 0) : share;
    return { group, weightPercent, score: scoreOf(scored.filter((metric) => metric.group === group)) };
  });
}

/** Passed metrics in percent of those with a result; a group of none has nothing against it. */
function scoreOf(metrics: readonly ScoredMetric[]): number {
  const judged = metrics.filter(({ classification }) => classification !== 'Nodata');
  const passed = judged.filter(({ classification }) => classification === 'Pass');
  return judged.length === 0 ? 100 : (passed.length / judged.length) * 100;
}

function describeScore(scored: readonly ScoredMetric[], score: number, { pass, marginal }: ScoreThresholds): string {
  const failed = scored.filter(({ classification }) => classification !== 'Pass' && classification !== 'Nodata');
  const limits = `pass ${pass}, marginal ${marginal}`;
  const named = failed.map(({ name, classification }) => `${name} ${classification}`).join(', ');
  return failed.length === 0 ? `score ${score} (${limits})` : `score ${score} (${limits}): ${named}`;
}
