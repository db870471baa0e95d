import type { DeviceRequest } from '#domain/fleet/job-execution-request.ts';
import { STORE_SLOTS, type JobStore, type Outcome } from '#domain/ports/job-store.port.ts';

/** Requests of one batch; more only make the database's answer later. */
const MOST_IN_BATCH = 500;
/** How long the first request of an idle gateway waits for company. */
const WINDOW_MS = 1;
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
 * Gathers requests into batches that clock themselves: what comes while a batch is written is the next one. A thing is in
 * one open batch at most, so that its requests keep their order; a batch that failed is repeated until it passes.
 */
export class RequestBatcher {
  readonly #deps: BatcherDeps;
  readonly #ready: DeviceRequest[] = [];
  /** Things with a request in `#ready` or in an open batch, and what they sent after it. */
  readonly #behind = new Map<string, DeviceRequest[]>();
  readonly #busy = new Set<number>();
  #size = 0;
  #timer: NodeJS.Timeout | null = null;
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
    this.#schedule(WINDOW_MS);
  }

  /** Begins no further batch; what is queued stays. */
  suspend(): void {
    this.#isSuspended = true;
  }

  resume(): void {
    this.#isSuspended = false;
    this.#schedule(0);
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

  #schedule(delayMs: number): void {
    if (this.#timer !== null || this.#isSuspended || this.#busy.size === STORE_SLOTS) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#open();
    }, delayMs);
  }

  #open(): void {
    for (let slot = 0; slot < STORE_SLOTS; slot += 1) {
      if (this.#isSuspended || this.#ready.length === 0) return;
      if (this.#busy.has(slot)) continue;
      this.#busy.add(slot);
      void this.#run(slot, this.#ready.splice(0, MOST_IN_BATCH));
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
    if (this.#ready.length > 0) this.#open();
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
