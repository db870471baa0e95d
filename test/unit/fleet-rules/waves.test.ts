import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canaryPercentages, cumulativeTargets, rollingPercentages, waveLabel } from '#domain/fleet/waves.ts';
import { formatDuration, parseDurationMs } from '#domain/time.ts';

describe('a cumulative percentage', () => {
  it.each([
    [200, 10, 20],
    [7, 10, 1],
    [100, 7, 7],
    [3, 50, 2],
    [0, 50, 0],
    [1, 1, 1],
  ])('of %i devices at %i %% is %i', (total, percent, expected) => {
    expect(cumulativeTargets(total, percent)).toBe(expected);
  });

  it('never shrinks, never exceeds the fleet, and is the whole fleet at 100 %', () => {
    fc.assert(
      fc.property(
        fc.nat(100_000),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 0, max: 99 }),
        (total, a, more) => {
          const b = Math.min(100, a + more);
          expect(cumulativeTargets(total, a)).toBeLessThanOrEqual(cumulativeTargets(total, b));
          expect(cumulativeTargets(total, b)).toBeLessThanOrEqual(total);
          expect(cumulativeTargets(total, 100)).toBe(total);
          expect(cumulativeTargets(total, a)).toBeGreaterThanOrEqual((total * a) / 100 - 1e-9);
        },
      ),
    );
  });
});

describe('waves by percentages', () => {
  it('of a canary are 10, 50, 100 by default and never above the rollout’s percentage', () => {
    expect(canaryPercentages(10, 100)).toEqual([10, 50, 100]);
    expect(canaryPercentages(10, 40)).toEqual([10, 40]);
    expect(canaryPercentages(60, 100)).toEqual([60, 100]);
  });

  it('rise to the end in rolling batches', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 100 }), (batch, upTo) => {
        const waves = rollingPercentages(batch, upTo);
        expect(waves.at(-1)).toBe(upTo);
        waves.reduce((before, percent) => {
          expect(percent).toBeGreaterThan(before);
          return percent;
        }, 0);
      }),
    );
  });
});

describe('a duration', () => {
  it.each([
    ['5m', 300_000],
    ['0s', 0],
    ['1.5h', 5_400_000],
    ['7d', 604_800_000],
    [30, 30_000],
    ['soon', null],
    ['-5m', null],
    [Number.NaN, null],
  ])('%s is %s ms', (text, expected) => {
    expect(parseDurationMs(text)).toBe(expected);
  });

  it.each([
    [0, '0 s'],
    [45_000, '45 s'],
    [300_000, '5 min'],
    [9_000_000, '2 h 30 min'],
    [259_200_000, '3 d'],
  ])('of %i ms reads %s', (durationMs, expected) => {
    expect(formatDuration(durationMs)).toBe(expected);
  });
});

describe('a wave as people read it', () => {
  const long = `device.thing in [${'"d-0001", '.repeat(20)}"d"]`;
  it.each([
    [{ kind: 'percent', percent: 12.5 }, '12.5 %'],
    [{ kind: 'count', count: 7 }, '7 devices'],
    [{ kind: 'devices', things: ['a', 'b'] }, '2 named devices'],
    [{ kind: 'devices', named: 2 }, '2 named devices'],
    [{ kind: 'filter', filter: 'device.tags.site == "a"' }, 'device.tags.site == "a"'],
    [{ kind: 'filter', filter: long }, `${long.slice(0, 79)}…`],
  ] as const)('%o is %s', (wave, label) => {
    expect(waveLabel(wave)).toBe(label);
  });
});
