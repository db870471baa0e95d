import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { executed, failures, NO_COUNTS, pending, type WaveCounts } from '#domain/fleet/counts.ts';
import { breachesFailureRate, failureRatePercent, judgeWave } from '#domain/fleet/thresholds.ts';

const criteria = { maxFailureRatePercent: 10, minimumExecuted: 10, onHealthCheckFailure: true };
const counts = (over: Partial<WaveCounts>): WaveCounts => {
  const all = { ...NO_COUNTS, ...over };
  const { queued, inProgress, succeeded, failed, rejected, timedOut, canceled } = all;
  return { ...all, offered: queued + inProgress + succeeded + failed + rejected + timedOut + canceled };
};
const anyCounts = fc
  .record({
    queued: fc.nat(50),
    inProgress: fc.nat(50),
    succeeded: fc.nat(50),
    failed: fc.nat(50),
    rejected: fc.nat(50),
    timedOut: fc.nat(50),
  })
  .map(counts);

describe('the failure rate', () => {
  it('counts rejected and timed-out devices as failed', () => {
    expect(failureRatePercent(counts({ succeeded: 7, failed: 1, rejected: 1, timedOut: 1 }))).toBe(30);
  });

  it('is nothing to worry about while too few devices ended', () => {
    expect(breachesFailureRate(counts({ succeeded: 0, failed: 3, queued: 97 }), criteria)).toBe(false);
    expect(breachesFailureRate(counts({ succeeded: 8, failed: 2, queued: 90 }), criteria)).toBe(true);
  });

  it('breaches in a canary smaller than the minimum once all its devices ended', () => {
    expect(breachesFailureRate(counts({ failed: 1 }), criteria)).toBe(true);
    expect(breachesFailureRate(counts({ failed: 1, queued: 2 }), criteria)).toBe(false);
  });

  it('may be exactly at its limit', () => {
    expect(breachesFailureRate(counts({ succeeded: 9, failed: 1 }), criteria)).toBe(false);
  });

  it('never breaches without a failure, nor when nobody watches it', () => {
    fc.assert(
      fc.property(anyCounts, (some) => {
        if (breachesFailureRate(some, criteria)) expect(failures(some)).toBeGreaterThan(0);
        expect(breachesFailureRate(some, { ...criteria, maxFailureRatePercent: null })).toBe(false);
      }),
    );
  });
});

describe('a wave', () => {
  it('waits for every device until its deadline', () => {
    fc.assert(
      fc.property(anyCounts, (some) => {
        expect(judgeWave(some, 90, false) === 'wait').toBe(pending(some) > 0);
        expect(judgeWave(some, 90, true)).not.toBe('wait');
      }),
    );
  });

  it('goes on with nine of ten and stops with eight, offline devices counted', () => {
    expect(judgeWave(counts({ succeeded: 9, queued: 1 }), 90, true)).toBe('go-on');
    expect(judgeWave(counts({ succeeded: 8, queued: 2 }), 90, true)).toBe('short');
  });

  it('without any device goes on', () => {
    expect(judgeWave(NO_COUNTS, 90, false)).toBe('go-on');
  });

  it('ends its devices in executed, pending or withdrawn ones', () => {
    fc.assert(
      fc.property(anyCounts, (some) => {
        expect(executed(some) + pending(some) + some.canceled).toBe(some.offered);
      }),
    );
  });
});
