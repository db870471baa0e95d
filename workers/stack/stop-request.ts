/** The wish to stop: the first signal asks, a later one insists. */
export interface StopRequest {
  readonly requested: Promise<void>;
  /** Called when a person insists. */
  onForce(force: () => void): void;
  /** Waits for `work`, at most until a stop is requested; true when the stop came first. Throws what `work` throws. */
  wins(work: Promise<void>): Promise<boolean>;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * One wish may arrive as several signals: a closed terminal hangs up itself and lets its shell hang up too, npx passes on
 * the Ctrl-C that the terminal sent to both.
 */
const SAME_WISH_MS = 1_000;

/** Listens to the signals by which terminals, service managers and `sluice down` end a process. */
export function stopOnSignals(target: NodeJS.EventEmitter = process, now = () => performance.now()): StopRequest {
  let force: () => void = () => undefined;
  let askedAt: number | undefined;
  const requested = new Promise<void>((resolve) => {
    for (const signal of SIGNALS) {
      target.on(signal, () => {
        if (askedAt === undefined) {
          askedAt = now();
          resolve();
        } else if (signal !== 'SIGHUP' && now() - askedAt > SAME_WISH_MS) force();
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
