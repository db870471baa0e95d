import { ActivityFailure, CancellationScope, isCancellation, proxyActivities, sleep } from '@temporalio/workflow';
import { acceptBreach, type Breach } from '#domain/fleet/accept-breach.ts';
import type { WatchPlan } from '#domain/plan/plan-base.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import type { Verdict, WatchActivities } from '#domain/ports/watch.port.ts';
import { reasonOf } from './failure-reason.ts';
import { glancing, looking } from './profiles.ts';

/** Between the looks of a glance that saw nothing: five minutes in all, as long as the watch itself bears to be blind. */
const GLANCE_AGAIN_MS = [10_000, 20_000, 40_000, 80_000, 160_000] as const;

export interface WatchSettings {
  readonly plan: WatchPlan;
  readonly queue: string;
  /** Of a fleet there is nothing to see without a criterion. */
  readonly sees: 'criteria' | 'instances';
  readonly onBreach: (breach: Breach) => void;
}

/**
 * Looks at the rollback criteria from the first effect to the verdict, bakes, gates and approvals included. Beside the
 * steps, in a scope of its own: no step's end may end it.
 */
export class Watch {
  readonly #root = CancellationScope.current();
  readonly #run: RunRef;
  readonly #queue: string;
  readonly #onBreach: (breach: Breach) => void;
  readonly #sees: WatchSettings['sees'];
  #plan: WatchPlan;
  #scope: CancellationScope | undefined;
  #done: Promise<void> = Promise.resolve();

  constructor(run: RunRef, settings: WatchSettings) {
    this.#run = run;
    this.#sees = settings.sees;
    this.#plan = settings.plan;
    this.#queue = settings.queue;
    this.#onBreach = settings.onBreach;
  }

  /** Starts looking; called by the first step with an effect, harmless when it looks already. */
  start(): void {
    if (this.#scope || this.#watchesNothing()) return;
    const scope = new CancellationScope({ cancellable: true, parent: this.#root });
    this.#scope = scope;
    this.#done = scope
      .run(() => this.#look())
      .then(
        (verdict) => this.#found(scope, verdict),
        (error: unknown) => {
          if (!isCancellation(error)) this.#found(scope, blind(error));
        },
      );
  }

  get isOn(): boolean {
    return this.#scope !== undefined;
  }

  /**
   * One look now: before each further effect and before the verdict, because the next scheduled look may come after it.
   * Seeing nothing is borne as long as the watch bears it. May take minutes then: call it where a pause can hold it.
   */
  async lookNow(): Promise<Verdict> {
    let seen = await this.#glance();
    for (const againMs of GLANCE_AGAIN_MS) {
      if (seen.kind !== 'inconclusive') return seen;
      await sleep(againMs, { summary: 'the criteria could not be read: look again' });
      seen = await this.#glance();
    }
    return seen;
  }

  /** A person lets the run go on in spite of `breach`: what they accepted stops it no more, everything else does. */
  accept(breach: Breach): void {
    this.#plan = { ...this.#plan, criteria: acceptBreach(this.#plan.criteria, breach) };
    // The breach may have come from a wave while the old look goes on.
    this.#scope?.cancel();
    this.#scope = undefined;
    this.start();
  }

  /** What an effect is to look at before it begins; null while nothing is watched. */
  get due(): WatchPlan | null {
    return this.isOn && !this.#watchesNothing() ? this.#plan : null;
  }

  get criteria(): WatchPlan['criteria'] {
    return this.#plan.criteria;
  }

  /** Ends the watch for good; what a look under way still finds is not heard any more. */
  async stop(): Promise<void> {
    const scope = this.#scope;
    this.#scope = undefined;
    scope?.cancel();
    await this.#done;
  }

  #watchesNothing(): boolean {
    // The instances themselves, and what the judge needs.
    if (this.#sees === 'instances') return false;
    const { criteria, healthChecks } = this.#plan;
    return criteria.maxFailureRatePercent === null && !(criteria.onHealthCheckFailure && healthChecks.length > 0);
  }

  #look(): Promise<Verdict> {
    const everyMs = this.#plan.everyMs;
    const { watchCriteria } = proxyActivities<WatchActivities>({
      ...looking,
      taskQueue: this.#queue,
      retry: { ...looking.retry, initialInterval: everyMs, maximumInterval: everyMs },
      summary: 'watching the rollback criteria',
    });
    return watchCriteria({ ...this.#run, watch: this.#plan });
  }

  async #glance(): Promise<Verdict> {
    if (this.#watchesNothing()) return { kind: 'healthy' };
    const { lookOnce } = proxyActivities<WatchActivities>({
      ...glancing,
      taskQueue: this.#queue,
      summary: 'criteria, before going on',
    });
    try {
      return await lookOnce({ ...this.#run, watch: this.#plan });
    } catch (error) {
      if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
      return blind(error);
    }
  }

  #found(scope: CancellationScope, verdict: Verdict): void {
    // A look that was replaced (its breach was accepted) has nothing to say any more.
    if (scope === this.#scope && verdict.kind !== 'healthy') this.#onBreach(verdict);
  }
}

/** Not to see is no verdict, but a run that nobody watches must not go on for ever. */
function blind(error: unknown): Verdict {
  const why = error instanceof ActivityFailure ? reasonOf(error) : String(error);
  return { kind: 'inconclusive', why: `the watch is blind: ${why}` };
}
