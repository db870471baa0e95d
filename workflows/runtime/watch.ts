import { CancellationScope, isCancellation, proxyActivities } from '@temporalio/workflow';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import type { Verdict, WatchActivities } from '#domain/ports/watch.port.ts';
import type { WatchPlan } from '#domain/plan/plan.ts';
import { glancing, looking } from './profiles.ts';

/** A verdict that is not healthy. */
export type Breach = Exclude<Verdict, { kind: 'healthy' }>;

/**
 * Looks at the rollback criteria from the first effect to the verdict, bakes, gates and approvals included. Beside the
 * steps, in a scope of its own: no step's end may end it.
 */
export class Watch {
  readonly #root = CancellationScope.current();
  readonly #run: RunRef;
  readonly #queue: string;
  readonly #onBreach: (breach: Breach) => void;
  #plan: WatchPlan;
  #scope: CancellationScope | undefined;
  #done: Promise<void> = Promise.resolve();

  constructor(run: RunRef, settings: { plan: WatchPlan; queue: string; onBreach: (breach: Breach) => void }) {
    this.#run = run;
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
          if (!isCancellation(error))
            this.#found(scope, { kind: 'inconclusive', why: `the watch is blind: ${String(error)}` });
        },
      );
  }

  get isOn(): boolean {
    return this.#scope !== undefined;
  }

  /** One look now: before each further effect and before the verdict, because the next scheduled look may come after it. */
  async lookNow(): Promise<Verdict> {
    if (this.#watchesNothing()) return { kind: 'healthy' };
    const { lookOnce } = proxyActivities<WatchActivities>({
      ...glancing,
      taskQueue: this.#queue,
      summary: 'criteria, before going on',
    });
    return lookOnce({ ...this.#run, watch: this.#plan });
  }

  /** A person lets the run go on in spite of `breach`: its criterion is not looked at again, the others are. */
  accept(breach: Breach): void {
    const criteria = this.#plan.criteria;
    const rateAccepted = breach.kind === 'inconclusive' || breach.criterion === 'failure-rate';
    const healthAccepted = breach.kind === 'inconclusive' || breach.criterion === 'health-check';
    this.#plan = {
      ...this.#plan,
      criteria: {
        ...criteria,
        maxFailureRatePercent: rateAccepted ? null : criteria.maxFailureRatePercent,
        onHealthCheckFailure: healthAccepted ? false : criteria.onHealthCheckFailure,
      },
    };
    // The breach may have come from a wave while the old look goes on.
    this.#scope?.cancel();
    this.#scope = undefined;
    this.start();
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

  #found(scope: CancellationScope, verdict: Verdict): void {
    // A look that was replaced (its breach was accepted) has nothing to say any more.
    if (scope === this.#scope && verdict.kind !== 'healthy') this.#onBreach(verdict);
  }
}
