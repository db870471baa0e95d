import type { Dependencies } from '../containers/dependencies.ts';
import { standingReleases } from '../containers/standing-releases.ts';
import type { Iso } from '../time.ts';
import type { RunSubject } from '../run/run-view.ts';
import type { ApplicationBack, LeftBehind, NamedRelease, StoppedRun } from './emergency.ts';
import { wayBackOrder } from './way-back-order.ts';

/** A release that is or was in use. */
export interface StableRelease extends NamedRelease {
  readonly application: string;
  readonly state: 'stable' | 'retired';
  readonly stableAt: Iso;
  /** Equal for two releases of the same image in the same way. */
  readonly likeness: string;
  readonly dependsOn: readonly string[];
}

/** The last rollout to the devices of an environment that is completed. */
export interface CompletedRollout {
  readonly run: string;
  readonly subject: RunSubject;
  readonly completedAt: Iso;
}

/** What there is in an environment. */
export interface Present {
  /** Of all applications; of each the one in use first, then the latest. */
  readonly releases: readonly StableRelease[];
  readonly rollout: CompletedRollout | null;
}

/** What a plan of ways back is made of. */
export interface Standing extends Present {
  readonly to: Iso | null;
  /** Runs that were open when the emergency began. */
  readonly runs: readonly StoppedRun[];
}

/** One application that goes back by a run of its own. */
export interface WayBack {
  readonly application: string;
  readonly from: NamedRelease | null;
  readonly to: NamedRelease;
  /** Applications that have to be back before. */
  readonly after: readonly string[];
  readonly why: string;
}

export interface WaysBack {
  /** Each after all of its `after`. */
  readonly ways: readonly WayBack[];
  /** Those for which nothing is to be started: they are back, unchanged, left, or wait for their run. */
  readonly settled: readonly ApplicationBack[];
  /** What no run can take back. */
  readonly left: readonly LeftBehind[];
}

/** Where every application of an environment goes back to, and in which order. */
export function planWaysBack(facts: Standing): WaysBack {
  const { releases, runs } = facts;
  const names = [...releases.map((one) => one.application), ...runs.flatMap(applicationOf)];
  const decided = [...new Set(names)].sort().map((application) => decide(application, facts));
  const going = decided.flatMap((one) => (one.kind === 'go' ? [one] : []));
  const order = wayBackOrder(
    going.map(({ application }) => application),
    dependenciesOf(releases),
  );
  const ways = going.map(({ kind: _kind, ...way }) => ({ ...way, after: order[way.application] ?? [] }));
  return {
    // Whoever waits for another waits for all that the other waits for, and so for more of them.
    ways: ways.toSorted((one, other) => one.after.length - other.after.length),
    settled: decided.flatMap((one) => (one.kind === 'settled' ? [one.back] : [])),
    left: rolloutLeft(facts),
  };
}

/** A completed rollout, unless an open one after it was taken back or it was completed by then. */
function rolloutLeft({ rollout, runs, to }: Standing): LeftBehind[] {
  const isBack = runs.some(({ subject, end }) => subject.kind === 'firmware' && end === 'rolled-back');
  if (rollout === null || (to === null ? isBack : rollout.completedAt <= to)) return [];
  const { run, subject } = rollout;
  return [
    {
      what: `${subject.name} ${subject.version} (${run})`,
      why: 'a completed rollout is not taken back by itself: its devices stay on that version',
      todo: `sluice run devices ${run} · plan the version before: sluice plan create --interactive`,
    },
  ];
}

type Decided =
  ({ readonly kind: 'go' } & Omit<WayBack, 'after'>) | { readonly kind: 'settled'; readonly back: ApplicationBack };

function decide(application: string, facts: Standing): Decided {
  const kept = facts.releases.filter((one) => one.application === application);
  const current = kept.find(({ state }) => state === 'stable') ?? null;
  const mine = facts.runs.filter((run) => applicationOf(run).includes(application));
  const settle = (state: ApplicationBack['state'], why: string, over: Partial<ApplicationBack> = {}): Decided => ({
    kind: 'settled',
    back: { ...settledAt(application, current), state, why, ...over },
  });
  const open = mine.find(({ end }) => end === 'open');
  if (open) return settle('waiting', `its run ${open.run} has not stopped (${open.phase})`, { run: open.run });
  const broken = mine.find(({ end }) => end === 'incomplete');
  if (broken && !current) {
    const why = `${broken.run} did not come back by itself (${broken.phase}), and nothing was in use before`;
    return settle('failed', why, { from: versionOf(broken), run: broken.run });
  }
  if (broken && current) {
    const why = `${broken.run} did not come back by itself (${broken.phase})`;
    // What its run would have gone back to is still recorded as the one in use.
    const to = facts.to === null ? current : (wanted(kept, current, facts.to) ?? current);
    return { kind: 'go', application, from: versionOf(broken), to: named(to), why };
  }
  if (facts.to === null) {
    const back = mine.find(({ end }) => end === 'came-back' || end === 'rolled-back');
    if (back) {
      const from = back.end === 'rolled-back' ? versionOf(back) : null;
      return settle('back', `by its run ${back.run}`, { from, run: back.run });
    }
  }
  if (current === null) return settle('unchanged', 'nothing of it was in use', { from: null, to: null });
  const target = wanted(kept, current, facts.to);
  if (target === null) return settle('left', whyNothing(facts.to, current), { to: null });
  if (target === current) return settle('unchanged', `${current.version} was in use then`);
  if (target.likeness === current.likeness) return settle('unchanged', `${target.version} is the same as what runs`);
  return { kind: 'go', application, from: named(current), to: named(target), why: '' };
}

/** The release to go back to; null: there is none. */
function wanted(kept: readonly StableRelease[], current: StableRelease, to: Iso | null): StableRelease | null {
  const inOrder = kept.toSorted(
    (one, other) => one.stableAt.localeCompare(other.stableAt) || one.release - other.release,
  );
  if (to !== null) return inOrder.findLast(({ stableAt }) => stableAt <= to) ?? null;
  const line = standingReleases(inOrder, (one, other) => one.likeness === other.likeness);
  const earlier = line.filter((one) => one.likeness !== current.likeness);
  return earlier.findLast(({ version }) => version !== current.version) ?? earlier.at(-1) ?? null;
}

const whyNothing = (to: Iso | null, { version }: StableRelease): string =>
  to === null ? `there is no stable release before ${version}` : `nothing of it was in use at ${to}`;

const settledAt = (application: string, current: StableRelease | null): Omit<ApplicationBack, 'state' | 'why'> => ({
  application,
  from: current && named(current),
  to: current && named(current),
  run: null,
  startedAt: null,
  endedAt: null,
});

const named = ({ release, version }: NamedRelease): NamedRelease => ({ release, version });

const versionOf = ({ release, subject }: StoppedRun): NamedRelease | null =>
  release === null ? null : { release, version: subject.version };

const applicationOf = ({ subject }: StoppedRun): readonly string[] =>
  subject.kind === 'application' ? [subject.name] : [];

/** As what is in use needs it; of what is not in use the latest. */
function dependenciesOf(releases: readonly StableRelease[]): Dependencies {
  const found: Record<string, readonly string[]> = {};
  for (const { application, dependsOn } of releases) found[application] ??= dependsOn;
  return found;
}

/** What a person has to do about an application that is not back. */
export function leftOf(back: ApplicationBack, environment: string): LeftBehind | null {
  if (back.state === 'back' || back.state === 'unchanged') return null;
  const { application, run, why } = back;
  const todo =
    back.state === 'left'
      ? `sluice app show ${application} --environment ${environment}`
      : `${run === null ? '' : `sluice run show ${run} · `}sluice deploy rollback --application ${application} --environment ${environment} --reason "…"`;
  return { what: application, why, todo };
}
