/** How long devices get to come back before their deadlines count again. */
export interface GraceLimits {
  /** After the gateway's own start, of which it does not know how long devices were alone before. */
  readonly afterStartMs: number;
  readonly longestMs: number;
}

export const EXPIRY_GRACE: GraceLimits = { afterStartMs: 15_000, longestMs: 60_000 };

/**
 * When deadlines may be enforced. A device that reboots while nobody hears it cannot report in time: it gets as long as
 * the outage was, counted from when devices are heard again.
 */
export class ExpiryGrace {
  readonly #limits: GraceLimits;
  /** Since when nobody hears the devices; null while they are heard. */
  #awaySinceMs: number | null;
  #leastMs: number;
  #endsMs = 0;

  constructor(limits: GraceLimits, nowMs: number) {
    this.#limits = limits;
    this.#awaySinceMs = nowMs;
    this.#leastMs = limits.afterStartMs;
  }

  lost(nowMs: number): void {
    this.#awaySinceMs ??= nowMs;
  }

  back(nowMs: number): void {
    if (this.#awaySinceMs === null) return;
    const awayMs = Math.max(nowMs - this.#awaySinceMs, this.#leastMs);
    // A loss in the middle of a grace does not shorten it.
    this.#endsMs = Math.max(this.#endsMs, nowMs + Math.min(awayMs, this.#limits.longestMs));
    this.#awaySinceMs = null;
    this.#leastMs = 0;
  }

  isOver(nowMs: number): boolean {
    return this.#awaySinceMs === null && nowMs >= this.#endsMs;
  }
}
