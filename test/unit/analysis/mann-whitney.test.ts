import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { effectSize } from '#domain/analysis/effect-size.ts';
import { compareSamples, rankStatistics } from '#domain/analysis/mann-whitney.ts';
import { normalTail, twoSidedQuantile } from '#domain/analysis/normal.ts';
import { compared, repeatedValues } from './samples.ts';

interface Recorded {
  readonly x: number[];
  readonly y: number[];
  readonly u: number;
  readonly rankSum: number;
  readonly pValue: number;
}
// The script that made it stands in the file.
const table = JSON.parse(readFileSync(new URL('scipy-mann-whitney.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly Recorded[];
};

describe('the rank-sum test', () => {
  it('has a table of forty cases to agree with', () => {
    expect(table.cases).toHaveLength(40);
  });

  test.each(table.cases.map((one, at) => [at, one] as const))('agrees with SciPy in case %i', (_at, one) => {
    const [x, y] = [one.x.toSorted((a, b) => a - b), one.y.toSorted((a, b) => a - b)];
    const { rankSum, u, sigma } = rankStatistics({ x, y });
    expect(rankSum).toBe(one.rankSum);
    expect(u).toBe(one.u);
    const distance = Math.abs(one.u - (x.length * y.length) / 2);
    expect(Math.min(1, 2 * normalTail((distance - 0.5) / sigma))).toBeCloseTo(one.pValue, 12);
    const whole = compareSamples(one.x, one.y, 0.95);
    if (whole.kind === 'compared') expect(whole.pValue).toBeCloseTo(one.pValue, 12);
  });
});

describe('the shift between two samples', () => {
  it('agrees with R on four values each', () => {
    const found = compared(compareSamples([10, 20, 30, 40], [1, 2, 3, 4], 0.95));
    expect(found.lower).toBeCloseTo(6, 6);
    expect(found.upper).toBeCloseTo(39, 6);
    expect(found.estimate).toBeCloseTo(22.5, 6);
  });

  it('agrees with R on ninety values each with many ties', () => {
    const x = repeatedValues('1.5×9 2×16 2.5×22 3×17 3.5×9 4×5 4.5 5×3 5.5 6×2 6.5×2 7 7.5 16.5');
    const y = repeatedValues('1.5×2 2×16 2.5×18 3×16 3.5×10 4×8 4.5×4 5×6 5.5×2 6×5 8 15.5 54.5');
    const found = compared(compareSamples(x, y, 0.95));
    expect([x.length, y.length]).toEqual([90, 90]);
    expect(Math.abs(found.lower - -0.5000025)).toBeLessThan(1e-6);
    expect(Math.abs(found.upper - -0.0000349)).toBeLessThan(1e-6);
    expect(Math.abs(found.estimate - -0.49994)).toBeLessThan(1e-4);
  });

  test.each([
    ['each side has one value', [5, 5, 5], [3, 3]],
    ['all values are one', [5, 5], [5, 5]],
    ['a side is empty', [], [1, 2]],
    ['the difference is no number', [1e308, 2], [-1e308, 3]],
  ])('is no answer when %s', (_when, x, y) => {
    expect(compareSamples(x, y, 0.98).kind).toBe('incomparable');
  });

  it('has no deviation when all values are one', () => {
    expect(rankStatistics({ x: [5, 5], y: [5, 5, 5] }).sigma).toBe(0);
  });
});

describe('the normal distribution', () => {
  test.each([
    [0.98, 2.3263478740408408],
    [0.95, 1.959963984540054],
    [0.5, 0.6744897501960817],
  ])('holds %f within its quantile', (confidence, z) => {
    expect(twoSidedQuantile(confidence)).toBeCloseTo(z, 10);
  });

  // SciPy: norm.sf.
  test.each([
    [0, 0.5],
    [1, 0.15865525393145707],
    [-1, 0.8413447460685429],
    [5, 2.866515718791933e-7],
    [8, 6.22096057427174e-16],
  ])('leaves above %f what SciPy says', (z, tail) => {
    expect(Math.abs(normalTail(z) / tail - 1)).toBeLessThan(1e-8);
  });
});

describe('the size of an effect', () => {
  it('is even for identical samples', () => {
    expect(effectSize('cles', [1, 2, 3], [1, 2, 3])).toBe(0.5);
    expect(effectSize('mean_ratio', [1, 2, 3], [1, 2, 3])).toBe(1);
  });

  it('is nothing when all values are below the others, everything when above', () => {
    expect(effectSize('cles', [1, 2, 3], [4, 5])).toBe(0);
    expect(effectSize('cles', [4, 5], [1, 2, 3])).toBe(1);
  });

  it('has no ratio when a mean is 0', () => {
    expect(effectSize('mean_ratio', [0, 0], [1, 2])).toBeNull();
    expect(effectSize('mean_ratio', [1, 2], [-1, 1])).toBeNull();
  });
});
