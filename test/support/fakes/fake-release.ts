// Engines and router in memory, for workflow tests: scripted outcomes, recorded calls, no time passes.
import { Context } from '@temporalio/activity';
import type { ContainerPlan } from '#domain/plan/container-plan.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import type {
  EffectRef,
  HookInput,
  InstancesInput,
  LookingFirst,
  PreparedRelease,
  ReleaseActivities,
  ReleaseOutcome,
  ReleaseUndone,
  RetireInput,
  ShiftInput,
  VerifyInput,
  WatchedOutcome,
} from '#domain/ports/release.port.ts';
import type { JournalActivities } from '#domain/ports/journal.port.ts';
import type { WatchActivities, WatchInput } from '#domain/ports/watch.port.ts';
import { FakePlace, preparedOf, type Effect, type MadeRelease } from './fake-place.ts';
import {
  leftBy,
  outcomeOf,
  undoneOf,
  type ReleaseCallName,
  type ReleaseScript,
  type ReleaseWord,
} from './release-script.ts';

/** What there is after the calls so far. */
export interface Ledger {
  /** Replicas of the new version: those that run, and those that the router knows. */
  readonly started: readonly number[];
  readonly joined: readonly number[];
  /** Instances of the version before. */
  readonly old: number;
  /** Of the traffic that goes by weight, to the new version. */
  readonly weightBasisPoints: number;
  readonly isHolding: boolean;
  readonly stable: 'before' | 'new';
  /** Hooks that ran and were not undone, in order. */
  readonly hooks: readonly string[];
}

export interface ReleaseCall {
  readonly name: ReleaseCallName;
  /** In a few words: `stageInstances stage 1,2`. */
  readonly said: string;
  readonly input: unknown;
}

/** What effects do first: look, and store what travels with them. */
export type FakeBefore = Pick<WatchActivities, 'lookOnce'> & JournalActivities;

const NOTHING: FakeBefore = { lookOnce: async () => ({ kind: 'healthy' }), appendJournal: async () => undefined };
const nothing = (): string => '';

/** Engines and router that do what `script` says with the application of `plan`; one for each test. */
export class FakeRelease {
  readonly activities: ReleaseActivities;
  readonly place = new FakePlace();
  /** Every call in order, repeated attempts included. */
  readonly calls: ReleaseCall[] = [];
  #hooks: readonly string[] = [];
  #script: ReleaseScript;
  readonly #before: FakeBefore;
  /** What the latest call of prepareRelease made. */
  #latest: MadeRelease | null = null;
  readonly #played = new Map<string, number>();
  #held: (() => void)[] = [];
  #awaited: { readonly name: string; readonly times: number; readonly resolve: () => void }[] = [];

  constructor(plan: ContainerPlan | null, script: ReleaseScript = {}, before: Partial<FakeBefore> = {}) {
    this.#script = script;
    this.#before = { ...NOTHING, ...before };
    if (plan) this.place.store(plan);
    if (plan?.present) this.place.seed(plan.present);
    this.activities = { ...this.#frame(), ...this.#instances(), ...this.#traffic(), ...this.#wayBack() };
  }

  get ledger(): Ledger {
    const { stable, weightBasisPoints, isHolding } = this.place;
    const made = this.#latest;
    const before = made === null ? stable : made.before;
    return {
      ...{ started: made?.started ?? [], joined: made?.joined ?? [], old: before?.started.length ?? 0 },
      ...{ weightBasisPoints, isHolding, hooks: this.#hooks },
      stable: made !== null && made === stable ? 'new' : 'before',
    };
  }

  /** The calls in a few words, in order. */
  get story(): string[] {
    return this.calls.map(({ said }) => said);
  }

  /** Replaces parts of the script from now on. */
  change(script: ReleaseScript): void {
    this.#script = { ...this.#script, ...script };
  }

  releaseHeld(): void {
    for (const release of this.#held.splice(0)) release();
  }

  /** Resolves when the n-th call of `name` has begun. */
  called(name: ReleaseCallName, times = 1): Promise<void> {
    if (this.#times(name) >= times) return Promise.resolve();
    return new Promise((resolve) => this.#awaited.push({ name, times, resolve }));
  }

  #effect<Input extends RunRef>(
    name: ReleaseCallName,
    say: (input: Input) => string,
    change: (made: MadeRelease, input: Input) => Effect,
  ) {
    return async (input: Input): Promise<ReleaseOutcome> => {
      const word = await this.#play(name, say(input), input);
      const made = this.place.own(input);
      if (word !== 'done') return outcomeOf(word, name);
      const facts = change(made, input);
      if (facts === null) return { kind: 'unhealthy', summary: `${name}: nobody is there`, evidence: null };
      return outcomeOf('done', name, facts);
    };
  }

  /** Nothing is done, and nothing recorded, when the look before is not good. */
  #watched<Input extends LookingFirst>(effect: (input: Input) => Promise<ReleaseOutcome>) {
    return async (input: Input): Promise<WatchedOutcome> => {
      await this.#store(input);
      const seen = input.look === null ? null : await this.#lookFirst({ ...input, watch: input.look });
      return seen ?? effect(input);
    };
  }

  async #lookFirst(input: WatchInput): Promise<WatchedOutcome | null> {
    try {
      const seen = await this.#before.lookOnce(input);
      return seen.kind === 'healthy' ? null : { kind: 'breach', breach: seen };
    } catch (error) {
      return { kind: 'unseen', why: String(error) };
    }
  }

  #frame() {
    return {
      prepareRelease: async (input: RunRef): Promise<PreparedRelease> => {
        await this.#play('prepareRelease', '', input);
        this.#latest = this.place.prepare(input);
        return preparedOf(this.#latest);
      },
      pullImage: this.#effect('pullImage', nothing, () => ({})),
      promoteRelease: this.#watched<LookingFirst>(
        this.#effect('promoteRelease', nothing, (made) => this.place.promote(made)),
      ),
      runHook: async (input: HookInput): Promise<ReleaseOutcome> => {
        const isUndo = input.action === 'compensation';
        const word = await this.#play('runHook', `${isUndo ? 'undo ' : ''}${input.step}`, input);
        const others = this.#hooks.filter((hook) => hook !== input.step);
        if (word === 'done') this.#hooks = isUndo ? others : [...others, input.step];
        return outcomeOf(word, `hook ${input.hook.name}`);
      },
    };
  }

  #instances() {
    return {
      stageInstances: this.#effect(
        'stageInstances',
        ({ step, replicas }: InstancesInput) => `${step} ${replicas.join()}`,
        (made, { replicas }) => this.place.start(made, replicas),
      ),
      verifyInstances: this.#watched(
        this.#effect(
          'verifyInstances',
          ({ step, replicas, join }: VerifyInput) => `${step} ${replicas.join()} ${join}`,
          (made, { replicas }) => this.place.join(made, replicas),
        ),
      ),
      retireInstances: this.#watched(
        this.#effect(
          'retireInstances',
          ({ keep }: RetireInput) => String(keep),
          (made, { keep }) => this.place.retire(made, keep),
        ),
      ),
    };
  }

  #traffic() {
    return {
      shiftTraffic: this.#watched(
        this.#effect(
          'shiftTraffic',
          ({ weightBasisPoints }: ShiftInput) => String(weightBasisPoints),
          (made, { weightBasisPoints }) => this.place.shift(made, weightBasisPoints),
        ),
      ),
      holdRequests: this.#effect('holdRequests', nothing, () => this.place.hold(true)),
      releaseRequests: this.#effect('releaseRequests', nothing, () => this.place.hold(false)),
    };
  }

  #wayBack() {
    return {
      returnTraffic: async (input: RunRef): Promise<ReleaseUndone> => {
        const left = leftBy(await this.#play('returnTraffic', '', input));
        if (this.place.find(input) === null) return undoneOf(0, 'traffic');
        this.place.returnTraffic(this.place.own(input), left);
        return undoneOf(left, 'traffic');
      },
      removeInstances: async (input: RunRef): Promise<ReleaseUndone> => {
        const left = leftBy(await this.#play('removeInstances', '', input));
        const made = this.place.find(input);
        // Nothing to take away is nothing to be refused.
        if (made === null || made.started.length === 0) return undoneOf(0, 'instances');
        return undoneOf(this.place.remove(this.place.own(input), left), 'instances');
      },
    };
  }

  async #play(name: ReleaseCallName, what: string, input: EffectRef): Promise<ReleaseWord> {
    await this.#store(input);
    this.calls.push({ name, said: `${name} ${what}`.trim(), input });
    const due = this.#awaited.filter((one) => one.name === name && this.#times(name) >= one.times);
    this.#awaited = this.#awaited.filter((one) => !due.includes(one));
    for (const one of due) one.resolve();
    const word = this.#wordOf(name, what);
    if (word instanceof Error) throw word;
    if (word !== 'held') return word;
    await this.#hold();
    return 'done';
  }

  async #store({ journal }: EffectRef): Promise<void> {
    if (journal) await this.#before.appendJournal(journal);
  }

  #wordOf(name: ReleaseCallName, what: string): ReleaseWord {
    const step = what.startsWith('undo ') ? what.slice('undo '.length) : (what.split(' ')[0] ?? '');
    const exact = `${what.startsWith('undo ') ? 'undoHook' : name}/${step}`;
    const key = this.#script.does?.[exact] === undefined ? name : exact;
    const scripted = this.#script.does?.[key] ?? 'done';
    const list: readonly ReleaseWord[] = Array.isArray(scripted) ? scripted : [scripted as ReleaseWord];
    const call = this.#played.get(key) ?? 0;
    this.#played.set(key, call + 1);
    return list[Math.min(call, list.length - 1)] ?? 'done';
  }

  /** A cancellation reaches an activity with its heartbeats only. */
  async #hold(): Promise<void> {
    const context = Context.current();
    const beat = setInterval(() => context.heartbeat(), 100);
    const released = new Promise<void>((resolve) => this.#held.push(resolve));
    await Promise.race([released, context.cancelled]).finally(() => clearInterval(beat));
  }

  #times(name: ReleaseCallName): number {
    return this.calls.filter((call) => call.name === name).length;
  }
}
