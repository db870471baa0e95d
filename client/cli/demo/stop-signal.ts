const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Exit code of a demo that was ended on its way. */
export const EXIT_STOPPED = 130;

/** The demo is to end before its story is told. */
export class Stopped extends Error {
  constructor() {
    super('stopped');
    this.name = 'Stopped';
  }
}

/** The wish to end the demo: a signal, a closed terminal, a pipe whose reader has left. */
export class StopSignal {
  readonly requested: Promise<void>;
  #onAgain: () => void = () => undefined;
  #isRequested = false;

  constructor(target: NodeJS.Process = process) {
    this.requested = new Promise((resolve) => {
      const ask = (): void => {
        if (this.#isRequested) return this.#onAgain();
        this.#isRequested = true;
        resolve();
      };
      for (const signal of SIGNALS) target.on(signal, ask);
      for (const stream of [target.stdout, target.stderr]) {
        // Once is enough: every further line fails as well.
        stream.on('error', () => (this.#isRequested ? undefined : ask()));
      }
    });
  }

  get isRequested(): boolean {
    return this.#isRequested;
  }

  /** Called when a person asks once more while the demo is ending. */
  onAgain(insist: () => void): void {
    this.#onAgain = insist;
  }

  /** What `work` comes to. Throws Stopped as soon as the wish is heard; nobody listens to the work then. */
  async during<T>(work: Promise<T>): Promise<T> {
    const stopped = this.requested.then(() => Promise.reject(new Stopped()));
    const done = await Promise.race([work, stopped]);
    // Both at once: nothing more may be begun.
    if (this.#isRequested) throw new Stopped();
    return done;
  }
}
