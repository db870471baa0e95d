import type { WaveCounts } from '#domain/fleet/counts.ts';
import { lookAgain, type Stillness } from '#domain/fleet/progress.ts';
import type { Iso } from '#domain/time.ts';

/** How long a wave stands still, look by look. What an attempt before had seen comes with its heartbeat details. */
export class WaveProgress {
  #still: Stillness | null;

  constructor(heartbeatDetails: unknown) {
    this.#still = stillnessIn(heartbeatDetails);
  }

  /** One more look at the wave. */
  look(counts: WaveCounts, now: Iso): Stillness {
    this.#still = lookAgain(this.#still, counts, now);
    return this.#still;
  }
}

function stillnessIn(details: unknown): Stillness | null {
  const still = typeof details === 'object' && details !== null && 'still' in details ? details.still : null;
  return isStillness(still) ? still : null;
}

function isStillness(value: unknown): value is Stillness {
  if (typeof value !== 'object' || value === null) return false;
  const { started, ended, since, stillMs, seenAt } = value as Record<keyof Stillness, unknown>;
  return [started, ended, stillMs].every(Number.isFinite) && typeof since === 'string' && typeof seenAt === 'string';
}
