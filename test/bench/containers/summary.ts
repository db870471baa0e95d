// The numbers of a whole run of the bench, and the goals that they miss.
import type { Retries } from './bare/proxy-configuration.ts';
import type { Strategy } from './bare/strategies.ts';
import type { WindowReport } from './load/load-report.ts';
import { total } from './measure/scene.ts';
import { PHASES, type Split } from './measure/stopwatch.ts';
import type { Extras, LoadName, PairScene, Side } from './pairs.ts';

/** Durable against bare: wall time of a deployment. The way back: drain (nothing is under way) and 1 s. */
const GOALS = { ratio: { full: 1.1, none: 1.25 }, weightOffPercent: 1, wayBackMs: 1_000 } as const;

/** Medians over the pairs, of the sum of both legs; milliseconds. */
export interface Comparison {
  readonly strategy: Strategy;
  readonly retries: Retries;
  readonly load: LoadName;
  readonly pairs: number;
  readonly ratio: number;
  readonly ratios: readonly number[];
  readonly split: Readonly<Record<Side, Split>>;
  readonly traffic: Readonly<Record<Side, Traffic>> | null;
}

/** Kept connections, before the deployments and during them: medians over the pairs of p50 and p99, the highest of all as max. */
interface Traffic {
  readonly steady: LatencyMs;
  readonly during: LatencyMs;
}

interface LatencyMs {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

interface Counts {
  readonly requests: number;
  readonly failed: number;
  /** See load-report.ts. */
  readonly races: number;
  readonly slowOver500Ms: number;
}

export interface Summary {
  readonly loadAverage: number;
  readonly counts: Readonly<Record<Side, Counts>>;
  /** Of the durable side, with the router's retries on and off. */
  readonly byRetries: Readonly<Partial<Record<Retries, Counts>>>;
  readonly ratio: Readonly<Partial<Record<LoadName, number>>>;
  readonly comparisons: readonly Comparison[];
  readonly extras: Readonly<Partial<Record<Retries, Extras>>>;
  readonly missed: readonly string[];
}

export interface Measured {
  readonly scenes: readonly PairScene[];
  readonly extras: Readonly<Partial<Record<Retries, Extras>>>;
  readonly loadAverage: number;
}

/** Exit code and verdict follow from `counts` and `missed`. */
export function summarize({ scenes, extras, loadAverage }: Measured): Summary {
  const comparisons = [...Map.groupBy(scenes, ({ load, retries, strategy }) => `${load} ${retries} ${strategy}`)].map(
    ([, group]) => compare(group),
  );
  const ratioOf = (load: LoadName) => {
    const ratios = comparisons.filter((one) => one.load === load).flatMap((one) => one.ratios);
    return ratios.length === 0 ? {} : { [load]: rounded(median(ratios), 3) };
  };
  const durable = scenes.filter(({ side }) => side === 'durable');
  const numbers = {
    loadAverage,
    counts: { bare: countsOf(scenes.filter(({ side }) => side === 'bare')), durable: countsOf(durable) },
    byRetries: Object.fromEntries(
      [...Map.groupBy(durable, ({ retries }) => retries)].map(([retries, group]) => [retries, countsOf(group)]),
    ),
    ratio: { ...ratioOf('full'), ...ratioOf('none') },
    comparisons,
    extras,
  };
  return { ...numbers, missed: missedGoals(numbers) };
}

function compare(group: readonly PairScene[]): Comparison {
  const [{ strategy, retries, load } = fail()] = group;
  const of = (side: Side) =>
    group.filter((scene) => scene.side === side).toSorted((one, other) => one.pair - other.pair);
  const [bare, durable] = [of('bare'), of('durable')];
  const ratios = durable.map((scene, at) => rounded(wallOf(scene) / wallOf(bare[at] ?? fail()), 3));
  return {
    strategy,
    retries,
    load,
    pairs: ratios.length,
    ratio: rounded(median(ratios), 3),
    ratios,
    split: { bare: splitOf(bare), durable: splitOf(durable) },
    traffic: load === 'none' ? null : { bare: trafficOf(bare), durable: trafficOf(durable) },
  };
}

const fail = (): never => {
  throw new Error('a scene without its pair');
};

const wallOf = ({ result: { forward, back } }: PairScene): number => forward.split.wall + back.split.wall;

function splitOf(scenes: readonly PairScene[]): Split {
  const medianOf = (phase: keyof Split) =>
    Math.round(median(scenes.map(({ result }) => result.forward.split[phase] + result.back.split[phase])));
  const keys: (keyof Split)[] = [...PHASES, 'rest', 'wall'];
  return Object.fromEntries(keys.map((key) => [key, medianOf(key)])) as Split;
}

function trafficOf(scenes: readonly PairScene[]): Traffic {
  const latencies = (windows: readonly WindowReport[]): LatencyMs => {
    const found = windows.map(({ kinds }) => kinds.keepAlive.latency);
    return {
      p50: rounded(median(found.map(({ p50Ms }) => p50Ms)), 2),
      p99: rounded(median(found.map(({ p99Ms }) => p99Ms)), 2),
      max: rounded(Math.max(...found.map(({ maxMs }) => maxMs)), 2),
    };
  };
  return {
    steady: latencies(scenes.map(({ result }) => result.steady)),
    during: latencies(scenes.flatMap(({ result }) => [result.forward.window, result.back.window])),
  };
}

function countsOf(scenes: readonly PairScene[]): Counts {
  const totals = scenes.map(({ result }) => total(result.whole));
  const sum = (count: (one: (typeof totals)[number]) => number) => totals.reduce((all, one) => all + count(one), 0);
  return {
    requests: sum(({ requests }) => requests),
    failed: sum(({ failed }) => failed),
    races: sum(({ races }) => races),
    slowOver500Ms: sum(({ slow }) => slow),
  };
}

function missedGoals({ counts, ratio, extras }: Omit<Summary, 'missed'>): string[] {
  const { failed } = counts.durable;
  const perRetries = Object.entries(extras).flatMap(([retries, { weight, wayBackMs }]) => {
    const off = Math.abs(weight.seenPercent - weight.wantedPercent);
    const slowest = Math.max(...wayBackMs);
    return [
      ...(off <= GOALS.weightOffPercent ? [] : [`retries ${retries}: weight ${weight.seenPercent} % instead of 10 %`]),
      ...(slowest <= GOALS.wayBackMs ? [] : [`retries ${retries}: way back in ${Math.round(slowest)} ms`]),
    ];
  });
  return [
    ...(failed === 0 ? [] : [`${failed} failed requests`]),
    ...(['full', 'none'] as const).flatMap((load) => {
      const found = ratio[load] ?? 0;
      return found <= GOALS.ratio[load] ? [] : [`ratio ${found} with load ${load}, goal ${GOALS.ratio[load]}`];
    }),
    ...perRetries,
  ];
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const [low = NaN, high = NaN] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return (low + high) / 2;
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));
