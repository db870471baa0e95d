import { setTimeout as delay } from 'node:timers/promises';
import { SluiceError, sluiceError } from '#domain/errors/failure.ts';

const RETRY_MS = 250;

export interface Waiting {
  /** As people know it: `PostgreSQL`. */
  readonly part: string;
  readonly address: string;
  /** How long to go on trying. 0 tries once. */
  readonly forMs: number;
  readonly note: (line: string) => void;
  /** Whether trying again can help; false throws what was thrown. */
  readonly isPassing: (error: unknown) => boolean;
}

/** The result of `attempt`, tried again while the part may come back. Throws STACK_NOT_RUNNING when it did not in time. */
export async function waitForPart<T>(waiting: Waiting, attempt: () => Promise<T>): Promise<T> {
  const giveUpAt = performance.now() + waiting.forMs;
  let noted = false;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!waiting.isPassing(error)) throw error;
      if (performance.now() + RETRY_MS > giveUpAt) throw notRunning(waiting, error);
      if (!noted) waiting.note(`waiting for ${waiting.part} at ${waiting.address}`);
      noted = true;
      await delay(RETRY_MS);
    }
  }
}

function notRunning({ part, address }: Waiting, cause: unknown): SluiceError {
  if (cause instanceof SluiceError) return cause;
  return sluiceError('STACK_NOT_RUNNING', { part, address }, { cause });
}
