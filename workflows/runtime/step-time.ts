import { addMs, type Iso } from '#domain/time.ts';
import { msUntil, now } from './clock.ts';

/** The time each step has left. A held step's time stands still until it goes on. */
export class StepTime {
  readonly #leftMs = new Map<string, number>();

  /** The next attempt has the step's whole time again. */
  renew(stepId: string): void {
    this.#leftMs.delete(stepId);
  }

  /** Runs `work` with the instant at which the step's time ends; what is left of it is kept for the next attempt. */
  async spend<T>(step: { id: string; totalMs: number }, work: (endsAt: Iso) => Promise<T>): Promise<T> {
    const endsAt = addMs(now(), this.#leftMs.get(step.id) ?? step.totalMs);
    try {
      return await work(endsAt);
    } finally {
      this.#leftMs.set(step.id, msUntil(endsAt));
    }
  }
}
