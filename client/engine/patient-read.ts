import type { Pool } from '../../activities/adapters/postgres/pool.ts';
import { isLostConnection } from '../../activities/adapters/postgres/lost-connection.ts';
import type { EngineDeps } from './engine.ts';
import { waitForPart } from './wait-for-part.ts';

/** The result of `read`; a database that leaves in the middle is waited for, and the read made anew. For reads only. */
export async function patientRead<T>(
  deps: EngineDeps,
  read: (pool: Pool) => Promise<T>,
  note: (line: string) => void = () => undefined,
): Promise<T> {
  const pool = await deps.database();
  const { host } = new URL(deps.settings.databaseUrl);
  return waitForPart(
    { part: 'PostgreSQL', address: host, forMs: deps.settings.waitForPartMs, note, isPassing: isLostConnection },
    () => read(pool),
  );
}
