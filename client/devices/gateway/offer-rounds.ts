const FIRST_INTERVAL_MS = 10_000;
const LONGEST_INTERVAL_MS = 10 * 60_000;

/**
 * When everything still queued is announced again: at once after a start or a lost broker, then after 10 s, 20 s, 40 s …
 * 10 min for devices that stay away, and soon again after fresh releases, which may have been missed. Never while nothing is.
 */
export class OfferRounds {
  #intervalMs = FIRST_INTERVAL_MS;
  #dueMs = 0;

  isDue(nowMs: number): boolean {
    return nowMs >= this.#dueMs;
  }

  /** A round begins now, whatever was planned. */
  dueNow(): void {
    this.#dueMs = 0;
    this.#intervalMs = FIRST_INTERVAL_MS;
  }

  /** Something was released: the next round comes after the first interval at the latest. */
  released(nowMs: number): void {
    this.#intervalMs = FIRST_INTERVAL_MS;
    this.#dueMs = Math.min(this.#dueMs, nowMs + FIRST_INTERVAL_MS);
  }

  /** Nothing is queued: only a release makes another round due. */
  nothingIsQueued(): void {
    this.#dueMs = Infinity;
  }

  /** A round ended. */
  ended(nowMs: number): void {
    this.#dueMs = nowMs + this.#intervalMs;
    this.#intervalMs = Math.min(this.#intervalMs * 2, LONGEST_INTERVAL_MS);
  }
}
