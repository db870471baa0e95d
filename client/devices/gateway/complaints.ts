import type { Logger } from 'pino';

const QUIET_MS = 10_000;

/** Warnings of what fails again and again while something is away: each at most every 10 s. */
export class Complaints {
  readonly #log: Logger;
  readonly #lastMs = new Map<string, number>();

  constructor(log: Logger) {
    this.#log = log;
  }

  warn(what: string, error: unknown, more: Readonly<Record<string, unknown>> = {}): void {
    const nowMs = performance.now();
    if (nowMs - (this.#lastMs.get(what) ?? -QUIET_MS) < QUIET_MS) return;
    this.#lastMs.set(what, nowMs);
    this.#log.warn({ ...more, why: error instanceof Error ? error.message : String(error) }, what);
  }
}
