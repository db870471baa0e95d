import { setTimeout as pause } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { Logger } from 'pino';
import { isPassingDatabaseError } from '../adapters/postgres/passing-error.ts';
import type { Pulse } from './heartbeat.ts';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 1_000;

/** What long activities need to sit out a database that restarts. */
export interface Patience {
  readonly pulse: Pulse;
  readonly logger: Logger;
}

/** Repeats `work` while the database is away. `work` must be one transaction or idempotent. Ends early when cancelled. */
export function ridingOut<T>(patience: Patience, work: () => Promise<T>): Promise<T> {
  return repeat(patience, work, (waitMs) => Context.current().sleep(waitMs));
}

/** The same for what must still be done after a cancellation. */
export function ridingOutCancelled<T>(patience: Patience, work: () => Promise<T>): Promise<T> {
  return repeat(patience, work, (waitMs) => pause(waitMs));
}

async function repeat<T>(
  { pulse, logger }: Patience,
  work: () => Promise<T>,
  wait: (waitMs: number) => Promise<void>,
): Promise<T> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!isPassingDatabaseError(error)) throw error;
      logger.warn({ why: error.message }, 'the database is away, trying again');
      pulse.note({ waitingFor: 'PostgreSQL' });
      await wait(waitMs);
    }
  }
}
