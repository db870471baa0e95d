import { describe, expect, it } from 'vitest';
import { NO_COUNTS, type WaveCounts } from '#domain/fleet/counts.ts';
import { describeFailureRate, judgeOffer } from '#domain/fleet/judge-offer.ts';

const criteria = { maxFailureRatePercent: 10, minimumExecuted: 10, onHealthCheckFailure: true };
const rules = { criteria, successThresholdPercent: 90, isPastDeadline: false, isStill: false };
const counts = (changes: Partial<WaveCounts>): WaveCounts => {
  const all = { ...NO_COUNTS, ...changes };
  return { ...all, offered: all.queued + all.inProgress + all.succeeded + all.failed + all.rejected + all.timedOut };
};
const standing = (wave: Partial<WaveCounts>, unreleased = 0) => ({ wave: counts(wave), run: counts(wave), unreleased });

describe('a wave', () => {
  it('waits while a device is open or kept back', () => {
    expect(judgeOffer(standing({ succeeded: 9, inProgress: 1 }), rules)).toBe('wait');
    expect(judgeOffer(standing({ succeeded: 9 }, 1), rules)).toBe('wait');
  });

  it('passes when all offered devices ended and enough succeeded', () => {
    expect(judgeOffer(standing({ succeeded: 19, failed: 1 }), rules)).toBe('passed');
    expect(judgeOffer(standing({}), rules)).toBe('passed');
  });

  it('passes at its deadline with enough successes, the rest pending; with fewer it is short', () => {
    const past = { ...rules, isPastDeadline: true };
    expect(judgeOffer(standing({ succeeded: 9, queued: 1 }), past)).toBe('passed');
    expect(judgeOffer(standing({ succeeded: 8, queued: 2 }), past)).toBe('short');
  });

  it('does not pass at its deadline while most of it was never offered', () => {
    expect(judgeOffer(standing({ succeeded: 10 }, 90), { ...rules, isPastDeadline: true })).toBe('short');
  });

  it('is breached by the whole run, as soon as enough devices ended', () => {
    const run = counts({ succeeded: 16, failed: 4 });
    expect(judgeOffer({ wave: counts({ queued: 50 }), run, unreleased: 0 }, rules)).toBe('breach');
    expect(judgeOffer(standing({ succeeded: 5, failed: 4, queued: 11 }), rules)).toBe('wait');
  });

  it('is not breached by the first of many that the rate limit lets go', () => {
    expect(judgeOffer(standing({ failed: 1 }, 99), rules)).toBe('wait');
    expect(judgeOffer(standing({ failed: 1 }), rules)).toBe('breach');
  });

  it('is stalled when nothing moved for its progress deadline, unless its time can only end well', () => {
    const still = { ...rules, isStill: true };
    expect(judgeOffer(standing({ succeeded: 8, queued: 2 }), still)).toBe('stalled');
    expect(judgeOffer(standing({ queued: 2 }, 8), still)).toBe('stalled');
    expect(judgeOffer(standing({ succeeded: 9, queued: 1 }), still)).toBe('wait');
    expect(judgeOffer(standing({ succeeded: 9, failed: 1 }), still)).toBe('passed');
    expect(judgeOffer(standing({ succeeded: 8, queued: 2 }), { ...still, isPastDeadline: true })).toBe('short');
    expect(judgeOffer(standing({ succeeded: 4, failed: 6, queued: 2 }), still)).toBe('breach');
  });

  it('says the breach in one line', () => {
    const seven = counts({ succeeded: 13, failed: 5, timedOut: 1, rejected: 1 });
    expect(describeFailureRate(seven, criteria)).toBe('failure rate 35 % > 10 %: 7 of 20 devices failed');
  });
});
