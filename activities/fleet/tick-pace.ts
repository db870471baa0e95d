import type { OfferStanding } from '#domain/fleet/judge-offer.ts';

const MOVING_MS = 250;
const RESTING_MS = 1_000;
const RESTS_AFTER_MS = 5_000;

/** How long a wave waits between two looks: briefly while its counts move, a second when nothing does. */
export class TickPace {
  #seen = '';
  #movedAt = performance.now();

  next(what: 'at-once' | 'settling', standing: OfferStanding): number {
    if (what === 'at-once') return 0;
    const now = performance.now();
    const seen = JSON.stringify(standing.run);
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#movedAt = now;
    }
    return now - this.#movedAt < RESTS_AFTER_MS ? MOVING_MS : RESTING_MS;
  }
}
