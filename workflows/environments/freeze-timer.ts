import { CancellationScope, sleep } from '@temporalio/workflow';
import type { Iso } from '#domain/time.ts';
import { msUntil } from '../runtime/clock.ts';

/** Wakes the coordinator when a freeze ends that somebody waits for. */
export class FreezeTimer {
  readonly #onEnd: () => void;
  #until: Iso | null = null;
  #scope: CancellationScope | undefined;
  #slept: Promise<void> = Promise.resolve();

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  /** Waits for `until`, and for no other end any more; null: for none. */
  set(until: Iso | null): void {
    if (until === this.#until) return;
    this.#scope?.cancel();
    this.#until = until;
    if (until !== null) this.#start(until);
  }

  /** Ends what it waits for; no timer is left when it returns. */
  async close(): Promise<void> {
    this.set(null);
    await this.#slept;
  }

  #start(until: Iso): void {
    const scope = new CancellationScope();
    this.#scope = scope;
    this.#slept = scope
      .run(() => sleep(msUntil(until), { summary: 'until the freeze ends' }))
      .then(
        () => {
          this.#until = null;
          this.#onEnd();
        },
        // Cancelled: another end counts, or nobody waits any more.
        () => undefined,
      );
  }
}
