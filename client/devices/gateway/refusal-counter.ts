import type { JobStore } from '#domain/ports/job-store.port.ts';

/** Refused requests by code, written together: a device that sends rubbish must not cost a transaction each time. */
export class RefusalCounter {
  readonly #counts = new Map<string, number>();
  #total = 0;

  /** Since the process began. */
  get total(): number {
    return this.#total;
  }

  add(code: string): void {
    this.#total += 1;
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
  }

  async flush(store: Pick<JobStore, 'countRefusals'>): Promise<void> {
    if (this.#counts.size === 0) return;
    const counts = new Map(this.#counts);
    this.#counts.clear();
    try {
      await store.countRefusals(counts);
    } catch (error) {
      for (const [code, count] of counts) this.#counts.set(code, (this.#counts.get(code) ?? 0) + count);
      throw error;
    }
  }
}
