import type { DeviceRequest } from '#domain/fleet/job-execution-request.ts';
import { STORE_SLOTS, type JobStore, type Outcome } from '#domain/ports/job-store.port.ts';

/** Requests of one batch; more only make the database's answer later. */
const MOST_IN_BATCH = 500;
/** How long the first request of an idle gateway waits for company. */
const WINDOW_MS = 1;
/**
 * How long after a batch opened the next one does, for each request in it: what comes faster makes ever larger batches, up
 * to the limits below, what comes slower makes ever smaller ones and soon does not wait at all.
 */
const GATHER_MS_PER_REQUEST = 0.5;
const LONGEST_GATHER_MS = 100;
/** A batch costs as much as some 40 requests on top of its own, so with so many there is little to save. */
const ENOUGH = 400;
const RETRY_MS = 200;

export interface BatcherDeps {
  readonly store: Pick<JobStore, 'applyBatch'>;
  readonly now: () => number;
  /** True when the store failed because of a request, so that repeating the whole batch cannot help. */
  readonly isRequestAtFault: (error: unknown) => boolean;
  /** Called in order for each request whose outcome is durable. */
  readonly onDone: (request: DeviceRequest, outcome: Outcome) => void;
  /** Called for a request that the store cannot apply. */
  readonly onFailed: (request: DeviceRequest, error: unknown) => void;
  /** Called when a batch failed as a whole and will be repeated. */
  readonly onRetry: (error: unknown, requests: number) => void;
  /** Called once a batch is durable, before any of its answers. */
  readonly onCommitted: () => void;
}

/** Requests that the store did not apply, or may not have. */
interface Failed {
  readonly batch: readonly DeviceRequest[];
  readonly error: unknown;
}

/**
 * Gathers requests into batches that clock themselves: what comes while a batch is written is the next one, and in a crowd
 * what comes up to a tenth of a second later too, because fewer and larger commits leave more of the machine to the devices.
 * A thing is in one open batch at most, so that its requests keep their order; a batch that failed is repeated until it
 * passes.
 */
export class RequestBatcher {
  readonly #deps: BatcherDeps;
  readonly #ready: DeviceRequest[] = [];
  /** Things with a request in `#ready` or in an open batch, and what they sent after it. */
  readonly #behind = new Map<string, DeviceRequest[]>();
  readonly #busy = new Set<number>();
  #size = 0;
  #timer: NodeJS.Timeout | null = null;
  /** True while the timer waits longer than for the window. */
  #isGathering = false;
  /** On the clock of `performance.now()`. */
  #gatherUntilMs = 0;
  #isSuspended = false;
  /** How often everything was dropped; a batch that was opened before the last time is not repeated. */
  #drops = 0;
  #onIdle: (() => void)[] = [];

  constructor(deps: BatcherDeps) {
    this.#deps = deps;
  }

  /** Requests that have no answer yet. */
  get size(): number {
    return this.#size;
  }

  add(request: DeviceRequest): void {
    this.#size += 1;
    const behind = this.#behind.get(request.thing);
    if (behind !== undefined) {
      behind.push(request);
      return;
    }
    this.#behind.set(request.thing, []);
    this.#ready.push(request);
    this.#schedule();
  }

  /** Begins no further batch; what is queued stays. */
  suspend(): void {
    this.#isSuspended = true;
  }

  resume(): void {
    this.#isSuspended = false;
    this.#schedule();
  }

  /** Forgets everything that is in no batch, and what is in one unless it passes: its devices will ask another gateway. */
  drop(): void {
    this.#drops += 1;
    for (const { thing } of this.#ready) {
      this.#size -= 1 + (this.#behind.get(thing)?.length ?? 0);
      this.#behind.delete(thing);
    }
    this.#ready.length = 0;
    for (const behind of this.#behind.values()) this.#size -= behind.splice(0).length;
  }

  /** Resolves when no batch is open. */
  async settled(): Promise<void> {
    if (this.#busy.size === 0) return;
    await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  #schedule(): void {
    if (this.#isSuspended || this.#busy.size === STORE_SLOTS || this.#ready.length === 0) return;
    const isEnough = this.#ready.length >= ENOUGH;
    if (this.#timer !== null && !(isEnough && this.#isGathering)) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const gatherMs = isEnough ? 0 : this.#gatherUntilMs - performance.now();
    this.#isGathering = gatherMs > WINDOW_MS;
    this.#timer = setTimeout(() => this.#open(), Math.max(WINDOW_MS, gatherMs));
  }

  #open(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (let slot = 0; slot < STORE_SLOTS; slot += 1) {
      if (this.#isSuspended || this.#ready.length === 0) return;
      if (this.#busy.has(slot)) continue;
      const batch = this.#ready.splice(0, MOST_IN_BATCH);
      const gatherMs = Math.min(LONGEST_GATHER_MS, batch.length * GATHER_MS_PER_REQUEST);
      this.#gatherUntilMs = Math.max(this.#gatherUntilMs, performance.now() + gatherMs);
      this.#busy.add(slot);
      void this.#run(slot, batch);
    }
  }

  async #run(slot: number, batch: DeviceRequest[]): Promise<void> {
    const drops = this.#drops;
    try {
      this.#finish(batch, await this.#deps.store.applyBatch(slot, batch, this.#deps.now()));
    } catch (error) {
      const left = this.#deps.isRequestAtFault(error) ? await this.#applySingly(slot, batch) : { batch, error };
      if (left !== null && drops === this.#drops) await this.#putBack(left);
      else for (const request of left?.batch ?? []) this.#release(request);
    }
    this.#busy.delete(slot);
    if (this.#busy.size === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
    if (performance.now() < this.#gatherUntilMs) this.#schedule();
    else this.#open();
  }

  /** One request spoils the batch: each on its own, so that only that one fails. The result is what is left to repeat. */
  async #applySingly(slot: number, batch: readonly DeviceRequest[]): Promise<Failed | null> {
    for (const [index, request] of batch.entries()) {
      try {
        this.#finish([request], await this.#deps.store.applyBatch(slot, [request], this.#deps.now()));
      } catch (error) {
        if (!this.#deps.isRequestAtFault(error)) return { batch: batch.slice(index), error };
        this.#deps.onFailed(request, error);
        this.#release(request);
      }
    }
    return null;
  }

  async #putBack({ batch, error }: Failed): Promise<void> {
    this.#deps.onRetry(error, batch.length);
    this.#ready.unshift(...batch);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }

  #finish(batch: readonly DeviceRequest[], outcomes: readonly Outcome[]): void {
    this.#deps.onCommitted();
    for (const [index, request] of batch.entries()) {
      const outcome = outcomes[index];
      if (outcome !== undefined) this.#deps.onDone(request, outcome);
      this.#release(request);
    }
  }

  /** The thing's next request may go. */
  #release({ thing }: DeviceRequest): void {
    this.#size -= 1;
    const next = this.#behind.get(thing)?.shift();
    if (next === undefined) this.#behind.delete(thing);
    else this.#ready.push(next);
  }
}
