import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowed, refill, take, type Bucket } from '../../../activities/fleet/release-budget.ts';

const EMPTY: Bucket = { tokens: 0, refilledAtMs: null };

/** Releases as much as allowed at each of `moments`; the instants of all releases. */
function releases(maximumPerMinute: number, moments: readonly number[], wanted = Infinity): number[] {
  const released: number[] = [];
  let bucket = EMPTY;
  for (const nowMs of moments) {
    bucket = refill(bucket, maximumPerMinute, nowMs);
    const devices = Math.min(wanted, allowed(bucket));
    bucket = take(bucket, devices);
    for (let one = 0; one < devices; one += 1) released.push(nowMs);
  }
  return released;
}

/** The most releases in any 60 seconds. */
function busiestMinute(released: readonly number[]): number {
  let busiest = 0;
  for (let first = 0, last = 0; last < released.length; last += 1) {
    while ((released[last] ?? 0) - (released[first] ?? 0) >= 60_000) first += 1;
    busiest = Math.max(busiest, last - first + 1);
  }
  return busiest;
}

describe('the rate limit', () => {
  it('never lets more than the limit go in any 60 seconds, whenever it is asked', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), gaps, (maximumPerMinute, between) => {
        let nowMs = 1_700_000_000_000;
        const moments = between.map((gap) => (nowMs += gap));
        expect(busiestMinute(releases(maximumPerMinute, moments))).toBeLessThanOrEqual(maximumPerMinute);
      }),
    );
  });

  it.each([1, 7, 60, 61, 600, 3_000])('lets nearly %i a minute go when asked often', (maximumPerMinute) => {
    const moments = Array.from({ length: 6_100 }, (_one, tick) => tick * 100);
    const perMinute = releases(maximumPerMinute, moments).length / (610 / 60);
    expect(perMinute).toBeGreaterThan(maximumPerMinute * 0.95);
  });

  it('saves up less than a second, and refills nothing when the clock goes back', () => {
    const late = refill({ tokens: 0, refilledAtMs: 0 }, 6_100, 3_600_000);
    expect(late.tokens).toBe(91);
    expect(refill({ tokens: 3, refilledAtMs: 10_000 }, 6_100, 4_000)).toEqual({ tokens: 3, refilledAtMs: 10_000 });
  });
});
