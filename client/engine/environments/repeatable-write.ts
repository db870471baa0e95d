import { isLostConnection } from '../../../activities/adapters/postgres/lost-connection.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import type { EngineDeps } from '../engine.ts';
import { waitForPart } from '../wait-for-part.ts';

/**
 * The result of `write`; made again when the database left in the middle, be it that the first one was committed unseen. Only
 * for writes that change nothing the second time.
 */
export async function repeatableWrite<T>(deps: EngineDeps, write: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = await deps.database();
  const { databaseUrl, waitForPartMs: forMs } = deps.settings;
  const part = { part: 'PostgreSQL', address: new URL(databaseUrl).host, forMs, note: () => undefined };
  return waitForPart({ ...part, isPassing: isLostConnection }, () => write(pool));
}
