import type { ClassificationRules, EffectLimits, NanStrategy } from './analysis.ts';
import { effectSize } from './effect-size.ts';
import { compareSamples, type Compared } from './mann-whitney.ts';
import { withNoise } from './noise.ts';
import { withoutOutliers } from './outliers.ts';

// Kayenta's classification of one metric (spinnaker/kayenta: NetflixACAJudge, MannWhitneyClassifier).

/** A measured value; null and NaN stand for a moment without one. */
export type Sample = number | null;

/** What both versions did in the same time. The experiment is the new version, the control the one before. */
export interface MetricSamples {
  readonly experiment: readonly Sample[];
  readonly control: readonly Sample[];
}

export type Classification = 'Pass' | 'High' | 'Low' | 'Nodata' | 'NodataFailMetric';

export interface ClassifiedMetric {
  readonly classification: Classification;
  readonly reason: string;
  /** Whether it fails the whole analysis. */
  readonly isCriticalFailure: boolean;
  /** Null when it has no size. */
  readonly effect: number | null;
  /** Null when nothing was compared. */
  readonly comparison: Compared | null;
  /** Values that were judged. */
  readonly experiment: readonly number[];
  readonly control: readonly number[];
}

/** Kayenta's judge uses this; 0.95 is its classifier's default only. */
export const JUDGE_CONFIDENCE = 0.98;

/** What the samples say about the new version. Pure: the same samples give the same answer, noise included. */
export function classifyMetric(
  rules: ClassificationRules,
  samples: MetricSamples,
  confidence = JUDGE_CONFIDENCE,
): ClassifiedMetric {
  const experiment = prepared(rules, samples.experiment);
  const control = prepared(rules, samples.control);
  const sides = { experiment, control };
  const plain = withoutTest(rules, sides);
  if (plain !== null) return plain;
  const noisy = areConstant(sides);
  const compared = noisy
    ? compareSamples(withNoise(experiment, 1), withNoise(control, 2), confidence)
    : compareSamples(experiment, control, confidence);
  if (compared.kind === 'incomparable') return noData(rules, sides, compared.why);
  return byComparison(rules, sides, compared);
}

interface Sides {
  readonly experiment: readonly number[];
  readonly control: readonly number[];
}

function prepared({ nanStrategy, outliers }: ClassificationRules, samples: readonly Sample[]): number[] {
  const values = numbersOf(samples, nanStrategy);
  return outliers.kind === 'keep' ? values : withoutOutliers(values, outliers.factor);
}

/** Without −0, which JSON does not know: a verdict is the same before and after it is stored. */
function numbersOf(samples: readonly Sample[], strategy: NanStrategy): number[] {
  return samples.flatMap((sample) => {
    if (sample !== null && Number.isFinite(sample)) return [sample + 0];
    return strategy === 'replace' ? [0] : [];
  });
}

/** What is clear before any test, in Kayenta's order. */
function withoutTest(rules: ClassificationRules, sides: Sides): ClassifiedMetric | null {
  const { experiment, control } = sides;
  if (experiment.length === 0 || control.length === 0) {
    const why = `no data of ${experiment.length === 0 ? 'the new' : 'the old'} version`;
    return rules.nanStrategy === 'replace' ? passed(sides, null, why) : noData(rules, sides, why);
  }
  if (areIdentical(sides)) return passed(sides, effectOf(rules, sides), 'the data of both versions are identical');
  return null;
}

/** One distinct value over both sides is identical data too, however many samples each has. */
function areIdentical(sides: Sides): boolean {
  const [x, y] = [sides.experiment.toSorted(ascending), sides.control.toSorted(ascending)];
  const isSame = x.length === y.length && x.every((value, at) => value === y[at]);
  return isSame || new Set([...x, ...y]).size === 1;
}

const ascending = (a: number, b: number): number => a - b;
const areConstant = ({ experiment, control }: Sides): boolean =>
  new Set(experiment).size === 1 && new Set(control).size === 1;

function byComparison(rules: ClassificationRules, sides: Sides, comparison: Compared): ClassifiedMetric {
  const effect = effectOf(rules, sides);
  const bound = rules.tolerance * Math.abs(comparison.estimate);
  const { allowed } = rules.effect;
  const { direction } = rules;
  const shown = `shift ${rounded(comparison.estimate)} (${rounded(comparison.lower)} to ${rounded(comparison.upper)})`;
  const isHigh = direction !== 'decrease' && comparison.lower > bound && reaches(effect, allowed, 'High');
  if (isHigh) return changed({ rules, sides, comparison, effect }, 'High', shown);
  const isLow = direction !== 'increase' && comparison.upper < -bound && reaches(effect, allowed, 'Low');
  if (isLow) return changed({ rules, sides, comparison, effect }, 'Low', shown);
  return { ...passed(sides, effect, `no change that counts: ${shown}`), comparison };
}

/** An effect without a size cannot excuse a change. */
function reaches(effect: number | null, limits: EffectLimits, change: 'High' | 'Low'): boolean {
  if (effect === null) return true;
  return change === 'High' ? effect >= limits.increase : effect <= limits.decrease;
}

interface Finding {
  readonly rules: ClassificationRules;
  readonly sides: Sides;
  readonly comparison: Compared;
  readonly effect: number | null;
}

function changed(
  { rules, sides, comparison, effect }: Finding,
  change: 'High' | 'Low',
  shown: string,
): ClassifiedMetric {
  const { criticality } = rules;
  const isCriticalFailure = criticality.kind === 'critical' && reaches(effect, criticality.limits, change);
  const reason = `${change === 'High' ? 'higher' : 'lower'} than the old version: ${shown}`;
  return { classification: change, reason, isCriticalFailure, effect, comparison, ...sides };
}

const passed = (sides: Sides, effect: number | null, reason: string): ClassifiedMetric => ({
  classification: 'Pass',
  reason,
  isCriticalFailure: false,
  effect,
  comparison: null,
  ...sides,
});

/** A critical metric without data fails the whole, so it need not fail by itself as well. */
function noData({ criticality, mustHaveData }: ClassificationRules, sides: Sides, reason: string): ClassifiedMetric {
  const isCriticalFailure = criticality.kind === 'critical';
  const classification = mustHaveData && !isCriticalFailure ? 'NodataFailMetric' : 'Nodata';
  return { classification, reason, isCriticalFailure, effect: null, comparison: null, ...sides };
}

const effectOf = (rules: ClassificationRules, { experiment, control }: Sides): number | null =>
  effectSize(rules.effect.measure, experiment, control);

/** Six digits are more than any reader needs. */
const rounded = (value: number): number => Number(value.toPrecision(6));
