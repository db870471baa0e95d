/** Waiting in tests: on something that happens, never for time; a deadline that passes names what was missing. */

const DEADLINE_MS = 20_000;

interface Watcher<T> {
  readonly matches: (item: T) => boolean;
  readonly found: (item: T) => void;
}

/** Everything that happened so far, and a way to wait for what has not. */
export class Happenings<T> {
  readonly all: T[] = [];
  readonly #watchers = new Set<Watcher<T>>();

  add(item: T): void {
    this.all.push(item);
    for (const watcher of this.#watchers) if (watcher.matches(item)) watcher.found(item);
  }

  /** The first item that matches, of those that happened and those to come; fails at the deadline with all that did. */
  first(what: string, matches: (item: T) => boolean, from = 0): Promise<T> {
    const present = this.all.slice(from).find(matches);
    if (present !== undefined) return Promise.resolve(present);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#watchers.delete(watcher);
        reject(new Error(`${what} did not happen within ${DEADLINE_MS} ms. What did:\n${this.#tail()}`));
      }, DEADLINE_MS);
      const watcher: Watcher<T> = {
        matches,
        found: (item) => {
          clearTimeout(timer);
          this.#watchers.delete(watcher);
          resolve(item);
        },
      };
      this.#watchers.add(watcher);
    });
  }

  #tail(): string {
    return this.all
      .slice(-40)
      .map((item) => JSON.stringify(item))
      .join('\n');
  }
}
