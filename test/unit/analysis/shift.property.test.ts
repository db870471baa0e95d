import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareSamples, rankStatistics } from '#domain/analysis/mann-whitney.ts';
import { twoSidedQuantile } from '#domain/analysis/normal.ts';
import { compared } from './samples.ts';

const MICRO = 1e-6;
const real = fc.integer({ min: -1e9, max: 1e9 }).map((value) => value * MICRO);
const tied = fc.integer({ min: 0, max: 8 });
const sampleOf = (value: fc.Arbitrary<number>) => fc.array(value, { minLength: 2, maxLength: 25 });
const pairOf = (value: fc.Arbitrary<number>) =>
  fc.tuple(sampleOf(value), sampleOf(value)).filter(([x, y]) => new Set(x).size + new Set(y).size > 2);
/** No value twice, on either side. */
const distinct = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: -1e9, max: 1e9 }), { minLength: 4, maxLength: 50 }),
    fc.integer({ min: 2, max: 48 }),
  )
  .filter(([values, at]) => at < values.length - 1)
  .map(([values, at]) => [values.slice(0, at), values.slice(at)].map((side) => side.map((value) => value * MICRO)));
const pair = fc.oneof(pairOf(real), pairOf(tied));

/** Twice Brent's tolerance, and what adding costs in digits. */
const NEAR = 2.1e-4;
const CONFIDENCE = 0.95;

/** All differences in ascending order: the shift is their median. */
const differences = (x: readonly number[], y: readonly number[]): number[] =>
  x.flatMap((a) => y.map((b) => a - b)).sort((a, b) => a - b);

/** The interval in which every point is a median within half a pair. */
function middle(x: readonly number[], y: readonly number[]): readonly [number, number] {
  const all = differences(x, y);
  const half = all.length / 2;
  const [from, to] = all.length % 2 === 0 ? [half - 1, half] : [half - 1.5, half + 0.5];
  return [all[Math.max(0, from)] ?? NaN, all[Math.min(all.length - 1, to)] ?? NaN];
}

describe('the estimated shift', () => {
  it('is the median of all differences', () => {
    fc.assert(
      fc.property(pair, ([x, y]) => {
        const { estimate } = compared(compareSamples(x, y, CONFIDENCE));
        const [from, to] = middle(x, y);
        expect(estimate).toBeGreaterThanOrEqual(from - NEAR);
        expect(estimate).toBeLessThanOrEqual(to + NEAR);
      }),
    );
  });

  it('moves with the sample', () => {
    fc.assert(
      fc.property(pair, fc.integer({ min: -500, max: 500 }), ([x, y], by) => {
        const moved = x.map((value) => value + by);
        const before = compared(compareSamples(x, y, CONFIDENCE));
        const after = compared(compareSamples(moved, y, CONFIDENCE));
        const [from, to] = middle(x, y);
        expect(Math.abs(after.estimate - by - before.estimate)).toBeLessThanOrEqual(to - from + NEAR);
      }),
    );
  });

  it('changes its sign when the samples change places', () => {
    fc.assert(
      fc.property(pair, ([x, y]) => {
        const [forth, back] = [compareSamples(x, y, CONFIDENCE), compareSamples(y, x, CONFIDENCE)].map(compared);
        const [from, to] = middle(x, y);
        expect(Math.abs((forth?.estimate ?? NaN) + (back?.estimate ?? NaN))).toBeLessThanOrEqual(to - from + NEAR);
      }),
    );
  });

  it('is within its confidence interval', () => {
    fc.assert(
      fc.property(pair, ([x, y]) => {
        const { estimate, lower, upper } = compared(compareSamples(x, y, CONFIDENCE));
        expect(lower).toBeLessThanOrEqual(estimate + NEAR);
        expect(upper).toBeGreaterThanOrEqual(estimate - NEAR);
      }),
    );
  });

  it('knows no order of the samples, and is the same every time', () => {
    fc.assert(
      fc.property(pair, ([x, y]) => {
        const found = compareSamples(x, y, CONFIDENCE);
        expect(compareSamples(x.toReversed(), y.toReversed(), CONFIDENCE)).toEqual(found);
        expect(compareSamples(x, y, CONFIDENCE)).toEqual(found);
      }),
    );
  });
});

describe('the confidence interval', () => {
  it('ends where counting all differences ends it', () => {
    fc.assert(
      fc.property(distinct, ([x = [], y = []]) => {
        const { lower, upper } = compared(compareSamples(x, y, CONFIDENCE));
        const sorted = [x.toSorted((a, b) => a - b), y.toSorted((a, b) => a - b)] as const;
        const { sigma } = rankStatistics({ x: sorted[0], y: sorted[1] });
        const all = differences(x, y);
        // Beyond so many pairs from the middle the standardised rank sum passes its quantile.
        const reach = twoSidedQuantile(CONFIDENCE) * sigma + 0.5;
        const above = Math.max(0, Math.ceil(all.length / 2 - reach) - 1);
        expect(Math.abs(lower - (all[above] ?? NaN))).toBeLessThanOrEqual(NEAR);
        expect(Math.abs(upper - (all[all.length - 1 - above] ?? NaN))).toBeLessThanOrEqual(NEAR);
      }),
    );
  });
});
