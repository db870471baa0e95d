/**
 * Things that were told of a job and have not begun it. A place is free again when the thing begins, or after the lease:
 * it may be offline, or the broker may have lost the message.
 */
export class OfferWindow {
  readonly #leaseMs: number;
  /** In the order of their leases' ends. */
  readonly #until = new Map<string, number>();

  constructor(leaseMs: number) {
    this.#leaseMs = leaseMs;
  }

  get size(): number {
    return this.#until.size;
  }

  has(thing: string): boolean {
    return this.#until.has(thing);
  }

  /** Frees the places whose lease is over. */
  expire(nowMs: number): void {
    for (const [thing, untilMs] of this.#until) {
      if (untilMs > nowMs) break;
      this.#until.delete(thing);
    }
  }

  take(things: Iterable<string>, nowMs: number): void {
    for (const thing of things) {
      this.#until.delete(thing);
      this.#until.set(thing, nowMs + this.#leaseMs);
    }
  }

  free(thing: string): void {
    this.#until.delete(thing);
  }

  /** All messages in flight are lost: nobody will answer them. */
  reset(): void {
    this.#until.clear();
  }
}
