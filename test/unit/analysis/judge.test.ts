import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { GroupWeights } from '#domain/analysis/analysis.ts';
import type { MetricSamples } from '#domain/analysis/classify-metric.ts';
import { judge, type JudgedAnalysis, type JudgedMetric, type Observed } from '#domain/analysis/judge.ts';
import { scoreMetrics, type ScoredMetric } from '#domain/analysis/score.ts';
import { RULES, waves } from './samples.ts';

const THRESHOLDS = { pass: 75, marginal: 50 };
const NOW = { from: '2026-05-01T10:00:00.000Z', until: '2026-05-01T10:10:00.000Z' };
const BEFORE = { from: '2026-04-01T10:00:00.000Z', until: '2026-04-01T10:10:00.000Z' };

interface Measured {
  readonly metric: JudgedMetric;
  readonly samples: MetricSamples;
}
const SAME = { experiment: waves(100, 60), control: waves(100, 60) };
const SLOWER = { experiment: waves(120, 60), control: waves(100, 60) };

const metric = (name: string, samples: MetricSamples, over: Partial<JudgedMetric> = {}): Measured => ({
  metric: { name, group: 'all', rules: RULES, loop: { isDryRun: false }, ...over },
  samples,
});
const analysisOf = (measured: readonly Measured[]): JudgedAnalysis => ({
  metrics: measured.map((one) => one.metric),
  weights: {},
  thresholds: THRESHOLDS,
});
const observedIn = (window: Observed['window'], measured: readonly Measured[]): Observed => ({
  window,
  samples: Object.fromEntries(measured.map((one) => [one.metric.name, one.samples])),
});
const judgeAll = (...measured: Measured[]) => judge(analysisOf(measured), observedIn(NOW, measured));

describe('the judge', () => {
  it('fails a version that is a fifth slower, and names the metric', () => {
    const verdict = judgeAll(metric('latency', SLOWER));
    expect(verdict).toMatchObject({ result: 'fail', score: 0, reason: 'score 0 (pass 75, marginal 50): latency High' });
    expect(verdict.metrics[0]).toMatchObject({ name: 'latency', classification: 'High', isDryRun: false });
    expect(verdict.metrics[0]?.effect).toBeCloseTo(1.2, 6);
    expect(verdict.metrics[0]?.comparison?.estimate).toBeCloseTo(20, 0);
    expect(verdict.metrics[0]?.experiment).toMatchObject({ taken: 60, judged: 60 });
  });

  it('passes a version that does the same with 100', () => {
    const verdict = judgeAll(metric('latency', SAME));
    expect(verdict).toMatchObject({ result: 'pass', score: 100, reason: 'score 100 (pass 75, marginal 50)' });
    expect(verdict.groups).toEqual([{ group: 'all', weightPercent: 100, score: 100 }]);
  });

  it('says of a past window what it would have said then', () => {
    const measured = [metric('latency', SLOWER), metric('errors', SAME)];
    const { window: now, ...today } = judge(analysisOf(measured), observedIn(NOW, measured));
    const { window: then, ...past } = judge(analysisOf(measured), observedIn(BEFORE, measured));
    expect([now, then]).toEqual([NOW, BEFORE]);
    expect(past).toEqual(today);
  });

  it('has no data for a metric that nobody measured', () => {
    const verdict = judge(analysisOf([metric('constructor', SAME)]), { window: NOW, samples: {} });
    expect(verdict).toMatchObject({ result: 'fail', score: 0, reason: 'no data for 1 of 1 metric' });
    expect(verdict.metrics[0]).toMatchObject({ classification: 'Nodata', experiment: { taken: 0, mean: null } });
  });

  it('shows a dry run and does not count it', () => {
    const criticality = { kind: 'critical', limits: { increase: 1, decrease: 1 } } as const;
    const dry = metric('trial', SLOWER, { loop: { isDryRun: true }, rules: { ...RULES, criticality } });
    const verdict = judgeAll(metric('latency', SAME), dry);
    expect(verdict).toMatchObject({ result: 'pass', score: 100 });
    expect(verdict.metrics[1]).toMatchObject({ classification: 'High', isCriticalFailure: true, isDryRun: true });
  });

  it('is surer of a change the less confidence is asked', () => {
    const few = [metric('latency', { experiment: [9, 11, 12, 14], control: [7, 8, 10, 13] })];
    const at = (confidence: number) => judge(analysisOf(few), observedIn(NOW, few), confidence).metrics[0];
    expect(at(0.98)?.classification).toBe('Pass');
    expect(at(0.5)?.classification).toBe('High');
  });

  it('answers in JSON, the same every time', () => {
    const value = fc.option(
      fc.oneof(fc.constant(-0), fc.integer({ min: -5, max: 5 }), fc.double({ min: -1e6, max: 1e6 })),
      {
        nil: null,
      },
    );
    const side = fc.array(value, { maxLength: 12 });
    fc.assert(
      fc.property(side, side, fc.boolean(), (experiment, control, removes) => {
        const outliers = removes ? ({ kind: 'remove', factor: 3 } as const) : ({ kind: 'keep' } as const);
        const one = metric('any', { experiment, control }, { rules: { ...RULES, outliers } });
        const verdict = judgeAll(one);
        expect(JSON.parse(JSON.stringify(verdict))).toEqual(verdict);
        expect(judgeAll(one)).toEqual(verdict);
      }),
    );
  });
});

const scored = (name: string, classification: ScoredMetric['classification'], group = 'all'): ScoredMetric => ({
  name,
  group,
  classification,
  isCriticalFailure: false,
  isDryRun: false,
});

describe('the score', () => {
  test.each([
    [
      'is the passed part of a group',
      [scored('a', 'Pass'), scored('b', 'High'), scored('c', 'Pass')],
      {},
      66.67,
      'marginal',
    ],
    [
      'counts Low and missing data that must be there',
      [scored('a', 'Low'), scored('b', 'NodataFailMetric'), scored('c', 'Pass')],
      {},
      33.33,
      'fail',
    ],
    ['leaves out what has no data', [scored('a', 'Pass'), scored('b', 'Nodata'), scored('c', 'Pass')], {}, 100, 'pass'],
    ['weighs groups', [scored('a', 'Pass', 'x'), scored('b', 'High', 'y')], { x: 80, y: 20 }, 80, 'pass'],
    [
      'shares what is left among groups without a weight',
      [scored('a', 'Pass', 'x'), scored('b', 'High', 'y'), scored('c', 'Pass', 'z')],
      { x: 40 },
      70,
      'marginal',
    ],
    [
      'gives a group without data 100',
      [scored('a', 'Nodata', 'x'), scored('b', 'Pass', 'y'), scored('c', 'High', 'y')],
      { x: 50 },
      75,
      'pass',
    ],
    ['is 0 with no data for half', [scored('a', 'Nodata', 'x'), scored('b', 'Pass', 'y')], {}, 0, 'fail'],
    ['is 0 when nothing was measured', [], {}, 0, 'fail'],
    ['is 100 when all are dry runs', [{ ...scored('a', 'High'), isDryRun: true }], {}, 100, 'pass'],
    [
      'is 0 after a critical failure',
      [
        { ...scored('a', 'High'), isCriticalFailure: true },
        ...'bcdefghij'.split('').map((name) => scored(name, 'Pass')),
      ],
      {},
      0,
      'fail',
    ],
  ] as [string, ScoredMetric[], GroupWeights, number, string][])('%s', (_what, metrics, weights, score, result) => {
    expect(scoreMetrics(metrics, weights, THRESHOLDS)).toMatchObject({ score, result });
  });

  it('says why it is 0', () => {
    expect(scoreMetrics([{ ...scored('errors', 'High'), isCriticalFailure: true }], {}, THRESHOLDS).reason).toBe(
      'critical: errors',
    );
    expect(scoreMetrics([scored('a', 'Nodata')], {}, THRESHOLDS).reason).toBe('no data for 1 of 1 metric');
  });

  it('is exactly at a threshold on its better side', () => {
    const half = [scored('a', 'Pass'), scored('b', 'High')];
    expect(scoreMetrics(half, {}, { pass: 50, marginal: 25 }).result).toBe('pass');
    expect(scoreMetrics(half, {}, { pass: 75, marginal: 50 }).result).toBe('marginal');
    expect(scoreMetrics(half, {}, { pass: 75, marginal: 50.01 }).result).toBe('fail');
  });
});
