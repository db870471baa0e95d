/** How long devices get to come back before their deadlines, and their boots, count again. */
export interface GraceLimits {
  /** After the gateway's own start, of which it does not know how long devices were alone before. */
  readonly afterStartMs: number;
  readonly longestMs: number;
  /** After an outage of any length: devices wait, at random, before they connect again. */
  readonly reconnectMs: number;
}

export const EXPIRY_GRACE: GraceLimits = { afterStartMs: 15_000, longestMs: 60_000, reconnectMs: 30_000 };

/**
 * When deadlines may be enforced, and boots be counted. A device that reboots while nobody hears it cannot report in time:
 * it gets as long as the outage was, counted from when devices are heard again. One that was only cut off asks for its job
 * as if it had booted.
 */
export class ExpiryGrace {
  readonly #limits: GraceLimits;
  /** Since when nobody hears the devices; null while they are heard. */
  #awaySinceMs: number | null;
  #leastMs: number;
  #endsMs = 0;
  #reconnectedMs = 0;

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
    this.#reconnectedMs = nowMs + this.#limits.reconnectMs;
    this.#awaySinceMs = null;
    this.#leastMs = 0;
  }

  /** True when deadlines count. */
  isOver(nowMs: number): boolean {
    return this.#awaySinceMs === null && nowMs >= this.#endsMs;
  }

  /** True when a device that asks for its job again must have booted. */
  areAllBack(nowMs: number): boolean {
    return this.isOver(nowMs) && nowMs >= this.#reconnectedMs;
  }
}
