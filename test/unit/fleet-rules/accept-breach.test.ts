import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptBreach, describeCriteria } from '#domain/fleet/accept-breach.ts';
import { NO_COUNTS, type WaveCounts } from '#domain/fleet/counts.ts';
import { breachesFailureRate, failureRatePercent } from '#domain/fleet/thresholds.ts';

const criteria = { maxFailureRatePercent: 10, minimumExecuted: 10, onHealthCheckFailure: true };
const found = { kind: 'unhealthy', summary: 's', evidence: null } as const;
const rateOf = (failureRatePercent: number) => ({ ...found, criterion: 'failure-rate', failureRatePercent }) as const;
const ended = (succeeded: number, failed: number): WaveCounts => ({
  ...NO_COUNTS,
  offered: succeeded + failed,
  succeeded,
  failed,
});

describe('an accepted failure rate', () => {
  it('may stay as it was seen, and asks again when it gets worse', () => {
    const accepted = acceptBreach(criteria, rateOf(failureRatePercent(ended(12, 8))));
    expect(accepted).toEqual({ ...criteria, maxFailureRatePercent: 40 });
    expect(breachesFailureRate(ended(12, 8), accepted)).toBe(false);
    expect(breachesFailureRate(ended(11, 9), accepted)).toBe(true);
  });

  it('never breaches in the state that was accepted, whatever its fractions, and does when a tenth is passed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50_000 }), fc.integer({ min: 1, max: 50_000 }), (succeeded, failed) => {
        const state = ended(succeeded, failed);
        const rate = failureRatePercent(state);
        const accepted = acceptBreach(criteria, rateOf(rate));
        const judged = { ...accepted, minimumExecuted: 1 };
        expect(breachesFailureRate(state, judged)).toBe(false);
        expect(accepted.maxFailureRatePercent).toBeLessThan(Math.max(10, rate) + 0.1001);
      }),
    );
  });

  it('lowers no limit and watches nothing that nobody asked for', () => {
    expect(acceptBreach({ ...criteria, maxFailureRatePercent: 60 }, rateOf(40)).maxFailureRatePercent).toBe(60);
    expect(acceptBreach({ ...criteria, maxFailureRatePercent: null }, rateOf(40)).maxFailureRatePercent).toBeNull();
  });
});

it('an accepted health check leaves the failure rate watched', () => {
  const accepted = acceptBreach(criteria, { ...found, criterion: 'health-check' });
  expect(accepted).toEqual({ ...criteria, onHealthCheckFailure: false });
});

it('who could not see goes on looking at everything', () => {
  expect(acceptBreach(criteria, { kind: 'inconclusive', why: 'the database is away' })).toEqual(criteria);
});

it.each([
  [criteria, 2, 'failure rate up to 10 %, 2 health checks'],
  [criteria, 1, 'failure rate up to 10 %, 1 health check'],
  [criteria, 0, 'failure rate up to 10 %'],
  [{ ...criteria, maxFailureRatePercent: null, onHealthCheckFailure: false }, 2, 'nothing'],
])('%j with %i checks reads as: %s', (watched, checks, text) => {
  expect(describeCriteria(watched, checks)).toBe(text);
});

it('an accepted standstill changes no criterion: it is waited for anew', () => {
  expect(acceptBreach(criteria, { ...found, criterion: 'progress' })).toEqual(criteria);
});
