import type { JobStore } from '#domain/ports/job-store.port.ts';

const PAGE = 1_000;

/** Who sent something since the last flush; `devices.last_seen` is as old as that interval and the grain of notes at most. */
export class SeenDevices {
  #things = new Set<string>();

  add(thing: string): void {
    this.#things.add(thing);
  }

  async flush(store: Pick<JobStore, 'recordSeen'>, nowMs: number): Promise<void> {
    const things = [...this.#things];
    this.#things = new Set();
    for (let first = 0; first < things.length; first += PAGE) {
      // What is lost when the database leaves in between is seen again: it is no more than a note.
      await store.recordSeen(things.slice(first, first + PAGE), nowMs);
    }
  }
}
