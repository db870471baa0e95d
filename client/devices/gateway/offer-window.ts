/**
 * Things that were told of a job and have not begun it: at most `capacity` at a time, so that answers stay quick. A place
 * is free again when the thing begins, or after the lease: it may be offline, or the broker may have lost the message.
 */
export class OfferWindow {
  readonly #capacity: number;
  readonly #leaseMs: number;
  /** In the order of their leases' ends. */
  readonly #until = new Map<string, number>();

  constructor(capacity: number, leaseMs: number) {
    this.#capacity = capacity;
    this.#leaseMs = leaseMs;
  }

  get size(): number {
    return this.#until.size;
  }

  room(nowMs: number): number {
    for (const [thing, untilMs] of this.#until) {
      if (untilMs > nowMs) break;
      this.#until.delete(thing);
    }
    return Math.max(0, this.#capacity - this.#until.size);
  }

  take(things: Iterable<string>, nowMs: number): void {
    for (const thing of things) {
      this.#until.delete(thing);
      this.#until.set(thing, nowMs + this.#leaseMs);
    }
  }

  /** True when the thing had a place. */
  free(thing: string): boolean {
    return this.#until.delete(thing);
  }

  /** All messages in flight are lost: nobody will answer them. */
  reset(): void {
    this.#until.clear();
  }
}
