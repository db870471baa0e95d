import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { zeroOf } from '#domain/analysis/brent.ts';
import { withNoise } from '#domain/analysis/noise.ts';
import { withoutOutliers } from '#domain/analysis/outliers.ts';
import { mean, percentile } from '#domain/analysis/percentile.ts';

describe('a percentile', () => {
  // R: quantile(c(1, 2, 3, 4, 10), p, type = 7)
  test.each([
    [0, 1],
    [0.01, 1.04],
    [0.25, 2],
    [0.5, 3],
    [0.9, 7.6],
    [0.99, 9.76],
    [1, 10],
  ])('at %f is what R says', (share, value) => {
    expect(percentile([1, 2, 3, 4, 10], share)).toBeCloseTo(value, 12);
  });

  it('of one value is that value, of none nothing', () => {
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([], 0.5)).toBeNaN();
  });
});

describe('outliers', () => {
  const MANY = Array.from({ length: 200 }, (_, at) => 10 + (at % 10));

  it('are left out beyond three interquartile ranges, on both sides', () => {
    expect(withoutOutliers([...MANY, 1_000, -1_000], 3)).toEqual(MANY);
  });

  it('stay when there are few samples: the outer percentile reaches them', () => {
    expect(withoutOutliers([1, 1, 1, 1, 50], 3)).toEqual([1, 1, 1, 1]);
    expect(withoutOutliers([1, 2, 3], 3)).toEqual([1, 2, 3]);
  });

  it('are fewer the larger the factor is', () => {
    expect(withoutOutliers([...MANY, 30], 1)).toEqual(MANY);
    expect(withoutOutliers([...MANY, 30], 10)).toEqual([...MANY, 30]);
  });
});

describe('noise', () => {
  it('is the same every time, and another for another seed', () => {
    const values = Array<number>(50).fill(100);
    expect(withNoise(values, 1)).toEqual(withNoise(values, 1));
    expect(withNoise(values, 1)).not.toEqual(withNoise(values, 2));
  });

  it('is nearly normal with a deviation of 1e-5 of the value', () => {
    const noise = withNoise(Array<number>(20_000).fill(100), 1).map((value) => (value - 100) / 1e-3);
    expect(Math.abs(mean(noise))).toBeLessThan(0.03);
    expect(Math.abs(mean(noise.map((one) => one * one)) - 1)).toBeLessThan(0.05);
    expect(Math.abs(noise.filter((one) => Math.abs(one) > 1.96).length / noise.length - 0.05)).toBeLessThan(0.01);
  });

  it('leaves 0 as it is', () => {
    expect(withNoise([0, 0], 1)).toEqual([0, 0]);
  });
});

describe('Brent’s method', () => {
  it('finds the zero of a smooth function', () => {
    expect(zeroOf((at) => Math.cos(at) - at, { from: 0, to: 1, tolerance: 1e-12 })).toBeCloseTo(0.7390851332151607, 11);
    expect(zeroOf((at) => at ** 9, { from: -1, to: 4, tolerance: 1e-6 })).toBeCloseTo(0, 5);
  });

  it('is there at once when an end is a zero', () => {
    expect(zeroOf((at) => at, { from: 0, to: 5, tolerance: 1e-6 })).toBe(0);
    expect(zeroOf((at) => at - 5, { from: 0, to: 5, tolerance: 1e-6 })).toBe(5);
  });

  it('finds any jump over 0 within its tolerance', () => {
    const point = fc.integer({ min: -1e6, max: 1e6 }).map((value) => value / 1e3);
    fc.assert(
      fc.property(point, fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 100 }), (jump, above, below) => {
        const step = (at: number): number => (at < jump ? above : -below);
        const found = zeroOf(step, { from: -1_001, to: 1_001, tolerance: 1e-4 });
        expect(Math.abs(found - jump)).toBeLessThanOrEqual(1e-4 + 1e-9);
      }),
    );
  });
});
