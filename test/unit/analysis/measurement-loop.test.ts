import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  afterMeasurement,
  endLoop,
  LOOP_START,
  nextMeasurementAt,
  verdictOfLoops,
  type LoopRules,
  type LoopState,
  type LoopVerdict,
  type Outcome,
} from '#domain/analysis/measurement-loop.ts';

const RULES: LoopRules = {
  initialDelayMs: 30_000,
  intervalMs: 60_000,
  count: null,
  failureLimit: 0,
  inconclusiveLimit: 0,
  consecutiveErrorLimit: 4,
  consecutiveSuccessLimit: null,
  isDryRun: false,
  measurementRetention: 10,
};
const START = '2026-05-01T10:00:00.000Z';
const OUTCOMES = { s: 'success', f: 'failure', i: 'inconclusive', e: 'error' } as const;
const minute = (at: number): string => new Date(Date.parse(START) + at * 60_000).toISOString();

const run = (outcomes: readonly Outcome[], rules: LoopRules): LoopState =>
  outcomes.reduce<LoopState>(
    (state, outcome, at) => afterMeasurement(state, { at: minute(at), outcome, value: at }, rules),
    LOOP_START,
  );
/** `sfie`: success, failure, inconclusive, error. */
const runOf = (letters: string, over: Partial<LoopRules>): LoopState =>
  run(
    [...letters].map((letter) => OUTCOMES[letter as keyof typeof OUTCOMES]),
    { ...RULES, ...over },
  );

describe('the loop of measurements', () => {
  test.each([
    ['runs on without a count', 'sssss', {}, 'running'],
    ['is successful once all are taken', 'sss', { count: 3 }, 'successful'],
    ['is not before', 'ss', { count: 3 }, 'running'],
    ['does not count errors', 'ses', { count: 3 }, 'running'],
    ['fails at once without a failure limit', 'f', { count: 3 }, 'failed'],
    ['bears as many failures as its limit', 'fsf', { count: 3, failureLimit: 2 }, 'successful'],
    ['fails with one more', 'ff', { count: 5, failureLimit: 1 }, 'failed'],
    ['never fails when any number is allowed', 'fff', { count: 3, failureLimit: null }, 'successful'],
    ['is inconclusive beyond that limit', 'ii', { count: 5, inconclusiveLimit: 1 }, 'inconclusive'],
    ['bears as many as that limit', 'isi', { count: 3, inconclusiveLimit: 2 }, 'successful'],
    ['is an error after too many errors in a row', 'eeeee', {}, 'error'],
    ['bears four errors in a row', 'eeee', {}, 'running'],
    ['forgets errors after any answer', 'eeeeseeee', {}, 'running'],
    ['succeeds with enough successes in a row', 'ss', { count: 9, consecutiveSuccessLimit: 2 }, 'successful'],
    ['does so without a count as well', 'fsss', { consecutiveSuccessLimit: 3, failureLimit: 1 }, 'successful'],
    ['begins anew after a failure', 'sfs', { consecutiveSuccessLimit: 2, failureLimit: 1 }, 'running'],
    ['begins anew after an error', 'ses', { consecutiveSuccessLimit: 2 }, 'running'],
    [
      'is inconclusive when neither limit is reached',
      'sfsf',
      { count: 4, failureLimit: 2, consecutiveSuccessLimit: 2 },
      'inconclusive',
    ],
    [
      'fails rather than being inconclusive at its end',
      'sfsf',
      { count: 4, failureLimit: 1, consecutiveSuccessLimit: 2 },
      'failed',
    ],
  ] as [string, string, Partial<LoopRules>, LoopVerdict][])('%s', (_what, letters, over, verdict) => {
    const state = runOf(letters, over);
    expect(state.verdict).toBe(verdict);
    expect(state.reason === '').toBe(verdict === 'running');
  });

  it('says which limit was broken', () => {
    expect(runOf('ff', { failureLimit: 1 }).reason).toBe('failures (2) > failure_limit (1)');
    expect(runOf('eee', { consecutiveErrorLimit: 2 }).reason).toBe('errors in a row (3) > consecutive_error_limit (2)');
    expect(runOf('i', {}).reason).toBe('inconclusive (1) > inconclusive_limit (0)');
  });

  it('keeps the last measurements only, and counts them all', () => {
    const state = runOf('ssfss', { failureLimit: 1, measurementRetention: 2 });
    expect(state.measurements.map(({ value }) => value)).toEqual([3, 4]);
    expect(state).toMatchObject({ successes: 4, failures: 1 });
  });

  it('measures first after its delay, then at its interval, and never after its verdict', () => {
    expect(nextMeasurementAt(LOOP_START, RULES, START)).toBe('2026-05-01T10:00:30.000Z');
    expect(nextMeasurementAt(runOf('ss', {}), RULES, START)).toBe(minute(2));
    expect(nextMeasurementAt(runOf('f', {}), RULES, START)).toBeNull();
  });

  test.each([
    ['is successful when nothing was broken', 'sf', { failureLimit: 1 }, 'successful'],
    ['is successful before its first measurement', '', {}, 'successful'],
    ['is inconclusive without its successes in a row', 's', { consecutiveSuccessLimit: 2 }, 'inconclusive'],
    ['stays failed', 'f', {}, 'failed'],
  ] as [string, string, Partial<LoopRules>, LoopVerdict][])(
    'ended from outside %s',
    (_what, letters, over, verdict) => {
      expect(endLoop(runOf(letters, over), { ...RULES, ...over }).verdict).toBe(verdict);
    },
  );
});

const anyRules = fc.record<LoopRules>({
  initialDelayMs: fc.constant(0),
  intervalMs: fc.constant(60_000),
  count: fc.option(fc.integer({ min: 1, max: 12 }), { nil: null }),
  failureLimit: fc.option(fc.nat(4), { nil: null }),
  inconclusiveLimit: fc.nat(3),
  consecutiveErrorLimit: fc.nat(3),
  consecutiveSuccessLimit: fc.option(fc.integer({ min: 1, max: 4 }), { nil: null }),
  isDryRun: fc.boolean(),
  measurementRetention: fc.integer({ min: 1, max: 5 }),
});
const anyOutcomes = fc.array(fc.constantFrom<Outcome>('success', 'failure', 'inconclusive', 'error'), {
  maxLength: 25,
});

describe('any loop', () => {
  it('keeps its verdict whatever is measured later', () => {
    fc.assert(
      fc.property(anyRules, anyOutcomes, anyOutcomes, (rules, first, later) => {
        const state = run(first, rules);
        if (state.verdict === 'running') return;
        expect(run([...first, ...later], rules)).toEqual(state);
        expect(endLoop(state, rules)).toBe(state);
      }),
    );
  });

  it('is never successful beyond a limit, and keeps few measurements', () => {
    fc.assert(
      fc.property(anyRules, anyOutcomes, (rules, outcomes) => {
        const state = run(outcomes, rules);
        expect(state.measurements.length).toBeLessThanOrEqual(rules.measurementRetention);
        if (state.verdict !== 'successful') return;
        expect(state.failures).toBeLessThanOrEqual(rules.failureLimit ?? Infinity);
        expect(state.inconclusive).toBeLessThanOrEqual(rules.inconclusiveLimit);
        expect(state.consecutiveErrors).toBeLessThanOrEqual(rules.consecutiveErrorLimit);
      }),
    );
  });

  it('with a count ends after so many answers at the latest', () => {
    fc.assert(
      fc.property(anyRules, anyOutcomes, (rules, outcomes) => {
        const { verdict, successes, failures, inconclusive } = run(outcomes, rules);
        if (verdict === 'running') expect(successes + failures + inconclusive).toBeLessThan(rules.count ?? Infinity);
      }),
    );
  });
});

describe('the verdict of several loops', () => {
  const loop = (verdict: LoopVerdict, isDryRun = false) => ({
    state: { ...LOOP_START, verdict },
    rules: { ...RULES, isDryRun },
  });

  test.each([
    ['is the worst', ['successful', 'error', 'failed'], 'failed'],
    ['does not wait once a human must look', ['running', 'inconclusive'], 'inconclusive'],
    ['waits for the last', ['successful', 'running'], 'running'],
    ['is successful when all are', ['successful', 'successful'], 'successful'],
  ] as [string, LoopVerdict[], LoopVerdict][])('%s', (_what, verdicts, verdict) => {
    expect(verdictOfLoops(verdicts.map((one) => loop(one)))).toBe(verdict);
  });

  it('does not hear a dry run', () => {
    expect(verdictOfLoops([loop('successful'), loop('failed', true)])).toBe('successful');
    expect(verdictOfLoops([loop('failed', true)])).toBe('successful');
    expect(verdictOfLoops([loop('running', true)])).toBe('running');
  });
});
