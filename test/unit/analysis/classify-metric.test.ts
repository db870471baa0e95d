import { describe, expect, it, test } from 'vitest';
import type { ClassificationRules } from '#domain/analysis/analysis.ts';
import { classifyMetric, type MetricSamples } from '#domain/analysis/classify-metric.ts';
import { RULES, waves } from './samples.ts';

const classify = (over: Partial<ClassificationRules>, samples: MetricSamples, confidence?: number) =>
  classifyMetric({ ...RULES, ...over }, samples, confidence);

const SLOWER: MetricSamples = { experiment: waves(120, 50), control: waves(100, 50) };
const FASTER: MetricSamples = { experiment: waves(80, 50), control: waves(100, 50) };
const critical = (increase: number, decrease: number) => ({
  criticality: { kind: 'critical' as const, limits: { increase, decrease } },
});
const allowed = (increase: number, decrease: number) => ({
  effect: { measure: 'mean_ratio' as const, allowed: { increase, decrease } },
});

describe('a metric of two versions', () => {
  it('is High by Kayenta’s vector with its own tolerance and limits', () => {
    const samples = { experiment: [20, 22, 21, 25, 30], control: [1, 2.2, 1.1, 2.5, 3] };
    expect(classify({ tolerance: 0.1, ...allowed(1.2, 0.8) }, samples, 0.95).classification).toBe('High');
  });

  test.each([
    ['either', 'High', 'Low'],
    ['increase', 'High', 'Pass'],
    ['decrease', 'Pass', 'Low'],
  ] as const)('counts with direction %s as %s and %s', (direction, slower, faster) => {
    expect(classify({ direction }, SLOWER).classification).toBe(slower);
    expect(classify({ direction }, FASTER).classification).toBe(faster);
  });

  it('passes a change that is smaller than allowed', () => {
    expect(classify(allowed(1.25, 0.75), SLOWER).classification).toBe('Pass');
    expect(classify(allowed(1.15, 0.85), SLOWER).classification).toBe('High');
    expect(classify(allowed(1.25, 0.75), FASTER).classification).toBe('Pass');
    expect(classify(allowed(1.15, 0.85), FASTER).classification).toBe('Low');
  });

  it('passes noise around one level', () => {
    const found = classify({}, { experiment: waves(100, 40), control: waves(100, 41).slice(1) });
    expect(found.classification).toBe('Pass');
    expect(found.reason).toMatch(/^no change that counts: shift /);
  });

  it('counts a change whose effect has no size', () => {
    const samples = { experiment: waves(50, 30), control: waves(0, 30, 1).flatMap((value) => [value, -value]) };
    const found = classify(allowed(1_000, 0), samples);
    expect(found).toMatchObject({ classification: 'High', effect: null });
  });

  it('is judged alike in seconds and in milliseconds', () => {
    const inSeconds = (values: MetricSamples['control']) => values.map((value) => (value ?? 0) / 1e6);
    for (const samples of [SLOWER, FASTER]) {
      const small = { experiment: inSeconds(samples.experiment), control: inSeconds(samples.control) };
      const [found, again] = [classify({}, samples), classify({}, small)];
      expect(again.classification).toBe(found.classification);
      expect((again.comparison?.estimate ?? NaN) * 1e6).toBeCloseTo(found.comparison?.estimate ?? NaN, 2);
    }
  });

  it('uses the common language effect size when asked', () => {
    const cles = (increase: number) => ({ effect: { measure: 'cles' as const, allowed: { increase, decrease: 0 } } });
    expect(classify(cles(0.5), SLOWER)).toMatchObject({ classification: 'High' });
    expect(classify(cles(1.01), SLOWER)).toMatchObject({ classification: 'Pass' });
  });
});

describe('what is clear without a test', () => {
  const NOTHING: MetricSamples = { experiment: [], control: [1, 2, 3] };

  test.each([
    ['is Nodata when a side is empty', {}, NOTHING, 'Nodata', false],
    ['fails without data that it must have', { mustHaveData: true }, NOTHING, 'NodataFailMetric', false],
    ['is critical without data', critical(1, 1), NOTHING, 'Nodata', true],
    [
      'is critical, not failed, when it must have data',
      { ...critical(1, 1), mustHaveData: true },
      NOTHING,
      'Nodata',
      true,
    ],
    ['passes without data when it counts as 0', { nanStrategy: 'replace' }, NOTHING, 'Pass', false],
    ['is Nodata when no sample has a value', {}, { experiment: [null, NaN], control: [1, 2] }, 'Nodata', false],
    ['passes identical data in any order', {}, { experiment: [3, 1, 2], control: [1, 2, 3] }, 'Pass', false],
    ['passes one value over both', {}, { experiment: [5, 5, 5, 5], control: [5] }, 'Pass', false],
    ['is Nodata with a single sample each', {}, { experiment: [5], control: [3] }, 'Nodata', false],
  ] as [string, Partial<ClassificationRules>, MetricSamples, string, boolean][])(
    '%s',
    (_what, rules, samples, classification, isCriticalFailure) => {
      expect(classify(rules, samples)).toMatchObject({ classification, isCriticalFailure, comparison: null });
    },
  );

  it('counts a missing value as 0 when told so', () => {
    const samples = { experiment: [null, null, null, null, null, 1], control: [9, 9.5, 10, 10.5, 11, 11.5] };
    expect(classify({ nanStrategy: 'replace' }, samples).experiment).toEqual([0, 0, 0, 0, 0, 1]);
    expect(classify({ nanStrategy: 'replace' }, samples).classification).toBe('Low');
  });
});

describe('two constant sides', () => {
  const CONSTANT: MetricSamples = { experiment: Array<number>(20).fill(12), control: Array<number>(20).fill(10) };

  it('are compared with noise that is the same in every run', () => {
    const found = classify({}, CONSTANT);
    expect(found.classification).toBe('High');
    expect(found.comparison?.estimate).toBeCloseTo(2, 2);
    expect(classify({}, CONSTANT)).toEqual(found);
  });

  it('may be 0 on one side', () => {
    const zero = { experiment: Array<number>(20).fill(0), control: CONSTANT.control };
    expect(classify({}, zero)).toMatchObject({ classification: 'Low', effect: null });
  });
});

describe('a critical metric', () => {
  it('fails the whole only from its own limit on', () => {
    expect(classify(critical(1.1, 1), SLOWER)).toMatchObject({ classification: 'High', isCriticalFailure: true });
    expect(classify(critical(1.5, 1), SLOWER)).toMatchObject({ classification: 'High', isCriticalFailure: false });
    expect(classify(critical(1, 0.9), FASTER)).toMatchObject({ classification: 'Low', isCriticalFailure: true });
    expect(classify(critical(1, 0.5), FASTER)).toMatchObject({ classification: 'Low', isCriticalFailure: false });
  });

  it('is none when it passes', () => {
    expect(classify(critical(1, 1), { experiment: [1, 2, 3], control: [1, 2, 3] }).isCriticalFailure).toBe(false);
  });
});
