import type { Iso } from '#domain/time.ts';
import { diffDurations, type DurationDiff, type TimedRun } from './diff-durations.ts';
import { deliveredFacts, planFacts, settings } from './diff-plans.ts';
import { resultFacts, type ComparedRun } from './diff-results.ts';
import { diffValues, type ValueDiff } from './diff-values.ts';

/** Two runs side by side; `a` is the one named first. */
export interface RunDiff {
  readonly a: ComparedRun;
  readonly b: ComparedRun;
  readonly isSameRun: boolean;
  readonly isSameKind: boolean;
  /** Parts that only the one kind of run has; none where the kinds are the same. */
  readonly notCompared: { readonly a: readonly string[]; readonly b: readonly string[] };
  readonly plan: ValueDiff;
  /** Firmware or image, with their digests. */
  readonly delivered: ValueDiff;
  readonly configuration: ValueDiff;
  readonly durations: DurationDiff;
  readonly results: ValueDiff;
}

/** What two runs of any kind have in common is counted, what not is told. What is still under way counts as it is `now`. */
export function diffRuns(a: ComparedRun, b: ComparedRun, now: Iso): RunDiff {
  const isSameKind = a.plan.kind === b.plan.kind;
  const sides = (factsOf: (one: ComparedRun, other: ComparedRun) => Facts) => [factsOf(a, b), factsOf(b, a)] as const;
  const all = {
    delivered: sides(({ plan }) => deliveredFacts(plan)),
    configuration: sides(({ plan }, other) => settings(plan, other.plan)),
    results: sides(resultFacts),
  };
  const pairs = Object.values(all);
  const compare = ([ofA, ofB]: Sides): ValueDiff =>
    isSameKind ? diffValues(ofA, ofB) : diffValues(shared(ofA, ofB), shared(ofB, ofA));
  return {
    a,
    b,
    isSameRun: a.status.row.run === b.status.row.run,
    isSameKind,
    notCompared: isSameKind
      ? { a: [], b: [] }
      : { a: pairs.flatMap(([ofA, ofB]) => ownKeys(ofA, ofB)), b: pairs.flatMap(([ofA, ofB]) => ownKeys(ofB, ofA)) },
    plan: diffValues(...sides(({ plan, status }, other) => planFacts(plan, status.row.digest, other.plan))),
    delivered: compare(all.delivered),
    configuration: compare(all.configuration),
    durations: diffDurations(timed(a), timed(b), now),
    results: compare(all.results),
  };
}

type Facts = Readonly<Record<string, unknown>>;
type Sides = readonly [Facts, Facts];

const ownKeys = (facts: Facts, other: Facts): string[] => Object.keys(facts).filter((key) => !(key in other));

const shared = (facts: Facts, other: Facts): Facts =>
  Object.fromEntries(Object.entries(facts).filter(([key]) => key in other));

const timed = ({ status: { row }, plan, events }: ComparedRun): TimedRun => ({
  startedAt: row.startedAt,
  completedAt: row.completedAt,
  steps: plan.steps,
  events,
});
