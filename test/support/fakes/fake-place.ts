// An application's place in one environment, in memory: what each run made there, who serves, and whose turn it is.
import { ALL_TRAFFIC, otherArm, type Arm } from '#domain/containers/route.ts';
import type { ContainerPlan } from '#domain/plan/container-plan.ts';
import { ordinals } from '#domain/plan/container-steps.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import type { PreparedRelease } from '#domain/ports/release.port.ts';
import { fail } from '../../../activities/runtime/fail.ts';

/** What one run made. */
export interface MadeRelease {
  readonly release: number;
  readonly generation: number;
  readonly version: string;
  readonly arm: Arm;
  /** As many as were planned. */
  readonly replicas: number;
  readonly before: MadeRelease | null;
  /** It and the version before must not run at the same time. */
  readonly takesTurns: boolean;
  /** Replicas that run, and those that the router knows. */
  started: readonly number[];
  joined: readonly number[];
}

/** What an effect tells; null: what it needs is not there. */
export type Effect = Readonly<Record<string, unknown>> | null;

const ADDRESS = { host: '127.0.0.1', port: 8_100 };

/** The same as its run is told. */
export function preparedOf({ release, generation, arm, before }: MadeRelease): PreparedRelease {
  if (before === null) return { release, generation, arm, before, address: ADDRESS };
  const { version, replicas } = before;
  const served = { release: before.release, version, arm: before.arm, replicas };
  return { release, generation, arm, before: served, address: ADDRESS };
}

export class FakePlace {
  /** Recorded as the version in use. */
  stable: MadeRelease | null = null;
  /** Of the traffic that goes by weight, to the release of the latest run. */
  weightBasisPoints = 0;
  isHolding = false;
  readonly #plans = new Map<string, ContainerPlan>();
  readonly #made = new Map<string, MadeRelease>();
  /** Oldest first; what served before all runs is among them. */
  readonly #releases: MadeRelease[] = [];
  /** Releases are counted over all environments: another one has had the first. */
  #lastRelease = 1;
  #generation = 0;

  /** Runs may carry it out from now on. */
  store(plan: ContainerPlan): void {
    this.#plans.set(plan.planId, plan);
  }

  /** What the plan found: it serves, and no run of ours made it. */
  seed({ release, version, replicas }: NonNullable<ContainerPlan['present']>): void {
    const all = ordinals(replicas);
    this.#generation += 1;
    this.#lastRelease = Math.max(this.#lastRelease, release);
    const names = { release, version, replicas, generation: this.#generation, arm: 'a' as const };
    this.stable = { ...names, before: null, takesTurns: false, started: all, joined: all };
    this.#releases.push(this.stable);
  }

  /** Gives the run its release, once. */
  prepare(ref: RunRef): MadeRelease {
    return this.find(ref) ? this.own(ref) : this.#make(ref);
  }

  /** What the run has prepared, or null when it has not come to that. */
  find({ run }: RunRef): MadeRelease | null {
    return this.#made.get(run) ?? null;
  }

  /** The same for an effect. Throws RELEASE_OUTDATED when nothing was prepared, RELEASE_FENCED when a later run has the place. */
  own(ref: RunRef): MadeRelease {
    const { application, environment } = this.#planOf(ref);
    const made = this.find(ref);
    const names = { application: application.name, environment: environment.name };
    if (made === null) return fail('RELEASE_OUTDATED', { ...names, why: `run ${ref.run} has no release` });
    const { generation: mine } = made;
    if (mine < this.#generation) fail('RELEASE_FENCED', { ...names, mine, present: this.#generation });
    return made;
  }

  start(made: MadeRelease, replicas: readonly number[]): Effect {
    made.started = union(made.started, replicas);
    return { instances: replicas };
  }

  join(made: MadeRelease, replicas: readonly number[]): Effect {
    if (!replicas.every((replica) => made.started.includes(replica))) return null;
    made.joined = union(made.joined, replicas);
    return { instances: replicas };
  }

  /** Never less than it has already. */
  shift(made: MadeRelease, weightBasisPoints: number): Effect {
    if (made.joined.length === 0) return null;
    this.weightBasisPoints = Math.max(this.weightBasisPoints, weightBasisPoints);
    return { weightBasisPoints: this.weightBasisPoints };
  }

  hold(isHolding: boolean): Effect {
    this.isHolding = isHolding;
    return {};
  }

  /** Instances of the version before go until `keep` are left, the highest replicas first. */
  retire({ before }: MadeRelease, keep: number): Effect {
    if (before === null) return {};
    before.started = before.started.slice(0, keep);
    before.joined = before.joined.filter((replica) => before.started.includes(replica));
    return { kept: before.started };
  }

  promote(made: MadeRelease): Effect {
    this.stable = made;
    return { release: made.release };
  }

  /** The version before serves again without `left` of its instances; the new one serves on when that is all of them. */
  returnTraffic(made: MadeRelease, left: number): void {
    const { before } = made;
    this.isHolding = false;
    if (before !== null && left >= before.replicas) return;
    this.weightBasisPoints = 0;
    if (before === null) return;
    before.started = ordinals(before.replicas - left);
    before.joined = before.started;
    if (sharesArm(made)) made.joined = [];
    this.stable = before;
  }

  /** All of its instances go, but for `left`; none of them while nothing else serves. The result is how many are there. */
  remove(made: MadeRelease, left: number): number {
    if (this.#servesAlone(made)) return made.started.length;
    made.started = made.started.slice(0, left);
    made.joined = [];
    if (this.stable === made) this.stable = null;
    return made.started.length;
  }

  /** Versions of which something answers clients, each once. */
  serving(): string[] {
    return versionsOf(this.#releases.filter((made) => made.joined.length > 0 && this.#share(made) > 0));
  }

  /** Versions of which something runs, each once. */
  present(): string[] {
    return versionsOf(this.#releases.filter(({ started }) => started.length > 0));
  }

  #make(ref: RunRef): MadeRelease {
    const { application, environment, strategy } = this.#planOf(ref);
    const { stable: before } = this;
    if (strategy.kind === 'first' && before !== null) {
      const why = `it was made when nothing served, now ${before.version} does`;
      fail('RELEASE_OUTDATED', { application: application.name, environment: environment.name, why });
    }
    this.#generation += 1;
    this.#lastRelease += 1;
    const made: MadeRelease = {
      ...{ release: this.#lastRelease, generation: this.#generation, before, started: [], joined: [] },
      ...{ version: application.version, replicas: application.replicas, takesTurns: strategy.kind === 'recreate' },
      arm: strategy.kind === 'rolling' ? (before?.arm ?? 'a') : otherArm(before?.arm ?? 'b'),
    };
    this.#releases.push(made);
    this.#made.set(ref.run, made);
    this.weightBasisPoints = 0;
    this.isHolding = false;
    return made;
  }

  #planOf({ planId }: RunRef): ContainerPlan {
    const plan = this.#plans.get(planId);
    if (!plan) throw new Error(`there is no plan ${planId}`);
    return plan;
  }

  #share(made: MadeRelease): number {
    const latest = this.#releases.at(-1);
    if (made !== latest && made !== latest?.before) return 0;
    if (sharesArm(latest)) return ALL_TRAFFIC;
    return made === latest ? this.weightBasisPoints : ALL_TRAFFIC - this.weightBasisPoints;
  }

  #servesAlone(made: MadeRelease): boolean {
    if (made.before === null || made.takesTurns) return false;
    return made.joined.length > 0 && this.#share(made) > 0 && made.before.joined.length === 0;
  }
}

/** No weight is between it and the version before: both are in the same backend, or it comes into an empty place. */
const sharesArm = ({ arm, before }: MadeRelease): boolean => before === null || before.arm === arm;

const versionsOf = (releases: readonly MadeRelease[]): string[] => [...new Set(releases.map(({ version }) => version))];

const union = (some: readonly number[], more: readonly number[]): number[] => [...new Set([...some, ...more])];
