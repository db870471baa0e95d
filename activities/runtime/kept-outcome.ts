import { Context } from '@temporalio/activity';
import type { Logger } from 'pino';
import { findEvidence, insertEvidence, type Evidence } from '../adapters/postgres/evidence.ts';
import type { Pool } from '../adapters/postgres/pool.ts';
import type { Pulse } from './heartbeat.ts';
import { ridingOut } from './ride-out.ts';

/** What it takes to keep outcomes through an outage of the database. */
export interface Keeping {
  readonly pool: Pool;
  readonly logger: Logger;
  readonly pulse: Pulse;
}

/** What was kept under `id` before, by an attempt whose answer was lost for instance; null when there is nothing. */
export function keptOutcome({ pool, ...patience }: Keeping, id: string): Promise<Evidence['body'] | null> {
  return ridingOut(patience, () => findEvidence(pool, id));
}

/**
 * Keeps an outcome with its evidence under `id`. What was found is found: while the database is away only the storing is
 * repeated, and one that cannot be stored at all (null) still counts. Throws only when it was cancelled.
 */
export async function keepOutcome(
  { pool, logger, pulse }: Keeping,
  evidence: Evidence,
  id: string,
): Promise<string | null> {
  try {
    return await ridingOut({ pulse, logger }, () => insertEvidence(pool, evidence, id));
  } catch (error) {
    Context.current().cancellationSignal.throwIfAborted();
    logger.error({ run: evidence.run, step: evidence.step, err: error }, 'evidence could not be stored');
    return null;
  }
}
