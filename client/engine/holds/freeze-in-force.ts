import { databaseTime } from '../../../activities/adapters/postgres/freezes.ts';
import { readHolds } from '../../../activities/adapters/postgres/holds.ts';
import type { Connection, Pool } from '../../../activities/adapters/postgres/pool.ts';
import { freezeAt, type Freeze } from '#domain/coordination/holds.ts';

/** The freeze of the environment by the database's time; null when there is none. */
export async function freezeInForce(database: Connection | Pool, environment: string): Promise<Freeze | null> {
  return freezeAt(await readHolds(database, environment), await databaseTime(database));
}
