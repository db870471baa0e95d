/** The wish to stop: the first signal asks, the second insists. */
export interface StopRequest {
  readonly requested: Promise<void>;
  /** Called at the second signal. */
  onForce(force: () => void): void;
  /** Waits for `work`, at most until a stop is requested; true when the stop came first. Throws what `work` throws. */
  wins(work: Promise<void>): Promise<boolean>;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** Listens to the signals by which terminals, service managers and `sluice down` end a process. */
export function stopOnSignals(target: NodeJS.EventEmitter = process): StopRequest {
  let force: () => void = () => undefined;
  let count = 0;
  const requested = new Promise<void>((resolve) => {
    for (const signal of SIGNALS) {
      target.on(signal, () => {
        count += 1;
        if (count === 1) resolve();
        else force();
      });
    }
  });
  return {
    requested,
    onForce: (callback) => {
      force = callback;
    },
    wins: (work) => {
      // After a stop the work fails in its own time; nobody listens then.
      const done = work.then(() => false);
      return Promise.race([done, requested.then(() => true)]);
    },
  };
}
