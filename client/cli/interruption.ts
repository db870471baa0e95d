/** Ctrl-C as a signal that ends a watch, not the process: the command has a last word to say. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** Gives Ctrl-C back its usual meaning. */
  release(): void;
}

/** Exit code of a command that was ended by Ctrl-C. */
export const EXIT_INTERRUPTED = 130;

/** Takes Ctrl-C over until `release()`. A second one ends the process at once. */
export function interruption(): Interruption {
  const controller = new AbortController();
  // Listens on: what draws in place in a terminal has a listener of its own, and ends the process when it finds no other.
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
    controller.abort();
  };
  process.on('SIGINT', stop);
  return { signal: controller.signal, release: () => void process.removeListener('SIGINT', stop) };
}
