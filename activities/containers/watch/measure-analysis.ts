import type { SettledAnalysis, SettledMetric } from '#domain/analysis/analysis.ts';
import { outcomeOf } from '#domain/analysis/condition.ts';
import { afterMeasurement, LOOP_START, nextMeasurementAt, verdictOfLoops } from '#domain/analysis/measurement-loop.ts';
import { NO_TOTALS, SIDES, type LoopMemory, type WatchMemory } from '#domain/containers/release-watch.ts';
import type { Sample } from '../../adapters/postgres/release-watches.ts';
import { measureMetric, type LookFacts } from './measure-metric.ts';

/** The loops of an analysis after a look. */
export interface Measurements {
  readonly loops: WatchMemory['loops'];
  readonly samples: readonly Sample[];
  /** Metrics whose loop has failed or cannot be evaluated, in words; the worst decides. */
  readonly verdict: { readonly kind: 'running' | 'failed' | 'inconclusive'; readonly reasons: readonly string[] };
}

/** Looks are never quite as far apart as they should: what is due a moment after one would wait for the next, and half of the samples be missing. */
const EARLY_MS = 250;

/** Measures what is due. A metric without a condition is only sampled for the judge. */
export async function measureAnalysis(
  analysis: SettledAnalysis,
  memory: WatchMemory,
  facts: LookFacts,
): Promise<Measurements> {
  const measured = await Promise.all(analysis.metrics.map((metric) => measureOne(metric, memory, facts)));
  const loops = Object.fromEntries(measured.map(({ name, loop }) => [name, loop]));
  const samples = measured.flatMap((one) => one.samples);
  return { loops, samples, verdict: verdictOf(analysis, loops) };
}

interface MeasuredOne {
  readonly name: string;
  readonly loop: LoopMemory;
  readonly samples: readonly Sample[];
}

async function measureOne(metric: SettledMetric, memory: WatchMemory, facts: LookFacts): Promise<MeasuredOne> {
  const { name, loop: rules, provider } = metric;
  const before: LoopMemory = memory.loops[name] ?? {
    state: LOOP_START,
    since: { experiment: NO_TOTALS, control: NO_TOTALS },
    at: memory.startedAt,
  };
  const due = nextMeasurementAt(before.state, rules, memory.startedAt);
  // The judge goes on sampling after a loop has its verdict.
  const isDue = Date.parse(due ?? before.at) + (due === null ? rules.intervalMs : 0) <= facts.atMs + EARLY_MS;
  if (!isDue) return { name, loop: before, samples: [] };
  const at = new Date(facts.atMs).toISOString();
  const [experiment, control] = await Promise.all(SIDES.map((side) => measureMetric(provider, side, facts, before)));
  const isBroken = (experiment?.problem ?? null) !== null;
  const outcome = isBroken ? 'error' : outcomeOf(experiment?.value ?? Number.NaN, metric.conditions);
  const value = experiment?.value ?? null;
  // Without a request there is nothing to hold against a condition: that is no measurement.
  const counts = isBroken || value !== null;
  const state = counts ? afterMeasurement(before.state, { at, outcome, value }, rules) : before.state;
  return {
    name,
    loop: { state, since: facts.totals, at },
    samples: [
      { metric: name, side: 'experiment', value },
      { metric: name, side: 'control', value: control?.value ?? null },
    ],
  };
}

function verdictOf(analysis: SettledAnalysis, loops: WatchMemory['loops']): Measurements['verdict'] {
  const ranked = analysis.metrics.flatMap(({ name, loop: rules }) => {
    const state = loops[name]?.state;
    return state ? [{ name, state, rules }] : [];
  });
  const verdict = verdictOfLoops(ranked);
  const reasons = ranked
    .filter(({ state, rules }) => !rules.isDryRun && state.verdict === verdict)
    .map(({ name, state }) => `${name}: ${state.reason}`);
  if (verdict === 'failed') return { kind: 'failed', reasons };
  return verdict === 'error' || verdict === 'inconclusive'
    ? { kind: 'inconclusive', reasons }
    : { kind: 'running', reasons: [] };
}
