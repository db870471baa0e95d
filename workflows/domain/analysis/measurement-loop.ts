import { addMs, type Iso } from '../time.ts';

// Argo Rollouts' loop of measurements for one metric (argoproj/argo-rollouts, analysis/analysis.go) as a pure state machine.

export type Outcome = 'success' | 'failure' | 'inconclusive' | 'error';

/** One look at a metric. */
export interface Measurement {
  readonly at: Iso;
  readonly outcome: Outcome;
  readonly value: number | null;
}

/** Limits are broken by more than they say: a failure limit of 0 allows none. */
export interface LoopRules {
  readonly initialDelayMs: number;
  readonly intervalMs: number;
  /** Measurements in all, errors not counted; null measures until the loop is ended from outside. */
  readonly count: number | null;
  /** Null allows any number. */
  readonly failureLimit: number | null;
  readonly inconclusiveLimit: number;
  readonly consecutiveErrorLimit: number;
  /** So many successes in a row succeed at once, and without them nothing does; null asks for none. */
  readonly consecutiveSuccessLimit: number | null;
  /** Its verdict is shown and has no effect. */
  readonly isDryRun: boolean;
  /** How many of the last measurements are kept. */
  readonly measurementRetention: number;
}

export type FinalVerdict = 'successful' | 'failed' | 'error' | 'inconclusive';
export type LoopVerdict = FinalVerdict | 'running';

export interface LoopState {
  readonly verdict: LoopVerdict;
  /** Why the verdict is what it is; empty while running. */
  readonly reason: string;
  readonly successes: number;
  readonly failures: number;
  readonly inconclusive: number;
  readonly errors: number;
  readonly consecutiveSuccesses: number;
  readonly consecutiveErrors: number;
  /** The last ones, oldest first. */
  readonly measurements: readonly Measurement[];
}

export const LOOP_START: LoopState = {
  verdict: 'running',
  reason: '',
  successes: 0,
  failures: 0,
  inconclusive: 0,
  errors: 0,
  consecutiveSuccesses: 0,
  consecutiveErrors: 0,
  measurements: [],
};

/** The loop after one more measurement. A verdict that stands is kept, whatever is measured later. */
export function afterMeasurement(state: LoopState, measurement: Measurement, rules: LoopRules): LoopState {
  if (state.verdict !== 'running') return state;
  const { outcome } = measurement;
  const one = (counted: Outcome): number => (outcome === counted ? 1 : 0);
  const next: LoopState = {
    ...state,
    successes: state.successes + one('success'),
    failures: state.failures + one('failure'),
    inconclusive: state.inconclusive + one('inconclusive'),
    errors: state.errors + one('error'),
    consecutiveSuccesses: outcome === 'success' ? state.consecutiveSuccesses + 1 : 0,
    consecutiveErrors: outcome === 'error' ? state.consecutiveErrors + 1 : 0,
    measurements: [...state.measurements, measurement].slice(-rules.measurementRetention),
  };
  return { ...next, ...verdictOn(next, rules) };
}

/**
 * The loop when it is ended from outside (the step that it watched is over): limits that were not broken are kept.
 * @internal A part of the loop as it is defined; a release's loops end by their counts, or with their release.
 */
export function endLoop(state: LoopState, rules: LoopRules): LoopState {
  if (state.verdict !== 'running') return state;
  const { consecutiveSuccessLimit: wanted } = rules;
  if (wanted === null) return { ...state, verdict: 'successful', reason: 'ended without breaking a limit' };
  return { ...state, ...tooFewInARow(state, wanted) };
}

/** When to measure next, for a loop that began at `startedAt`; null once it has its verdict. */
export function nextMeasurementAt(state: LoopState, rules: LoopRules, startedAt: Iso): Iso | null {
  if (state.verdict !== 'running') return null;
  const last = state.measurements.at(-1);
  return last === undefined ? addMs(startedAt, rules.initialDelayMs) : addMs(last.at, rules.intervalMs);
}

/** From worst to best. */
const RANKED = ['failed', 'error', 'inconclusive', 'running', 'successful'] as const;

/** A metric's loop in the whole of an analysis. */
export interface RankedLoop {
  readonly state: LoopState;
  readonly rules: LoopRules;
}

/**
 * The verdict of all loops of an analysis. `failed`, `error` and `inconclusive` stand as soon as one metric has them: the
 * others need not be awaited. Dry runs have no part in it, but are awaited when there is nothing else.
 */
export function verdictOfLoops(loops: readonly RankedLoop[]): LoopVerdict {
  const counted = loops.filter(({ rules }) => !rules.isDryRun).map(({ state }) => state.verdict);
  const worst = RANKED.find((verdict) => counted.includes(verdict)) ?? 'successful';
  const onlyDry = counted.length === 0 && loops.some(({ state }) => state.verdict === 'running');
  return onlyDry ? 'running' : worst;
}

type Assessment = Pick<LoopState, 'verdict' | 'reason'>;

/** In Argo's order: failures, what is inconclusive, errors; only then success. */
function verdictOn(state: LoopState, rules: LoopRules): Assessment {
  const broken = brokenLimit(state, rules);
  if (broken !== null) return broken;
  const { count, consecutiveSuccessLimit: wanted } = rules;
  if (wanted !== null && state.consecutiveSuccesses >= wanted) {
    return { verdict: 'successful', reason: `${wanted} successes in a row` };
  }
  const measured = state.successes + state.failures + state.inconclusive;
  if (count === null || measured < count) return { verdict: 'running', reason: '' };
  return wanted === null
    ? { verdict: 'successful', reason: `all ${count} measurements taken without breaking a limit` }
    : tooFewInARow(state, wanted);
}

function brokenLimit(state: LoopState, rules: LoopRules): Assessment | null {
  const { failures, inconclusive, consecutiveErrors } = state;
  const { failureLimit, inconclusiveLimit, consecutiveErrorLimit } = rules;
  if (failureLimit !== null && failures > failureLimit) {
    return { verdict: 'failed', reason: `failures (${failures}) > failure_limit (${failureLimit})` };
  }
  if (inconclusive > inconclusiveLimit) {
    return {
      verdict: 'inconclusive',
      reason: `inconclusive (${inconclusive}) > inconclusive_limit (${inconclusiveLimit})`,
    };
  }
  if (consecutiveErrors > consecutiveErrorLimit) {
    const limit = `consecutive_error_limit (${consecutiveErrorLimit})`;
    return { verdict: 'error', reason: `errors in a row (${consecutiveErrors}) > ${limit}` };
  }
  return null;
}

/** Neither failed nor successful: a human decides. */
const tooFewInARow = ({ consecutiveSuccesses }: LoopState, wanted: number): Assessment => ({
  verdict: 'inconclusive',
  reason: `ended with ${consecutiveSuccesses} of ${wanted} successes in a row`,
});
