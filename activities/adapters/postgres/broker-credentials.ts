/** The order to the gateway to give new devices their place in the broker's password file. */
import type { Connection, Pool } from './pool.ts';

const CHANNEL = 'broker_credentials';

/** Orders a rebuild; the result is its number. Call it in the transaction that adds the devices. */
export async function wantCredentials(connection: Connection): Promise<number> {
  const { rows } = await connection.query<{ wanted: number }>(
    'update broker_credentials set wanted = wanted + 1 returning wanted',
  );
  return rows[0]?.wanted ?? 0;
}

/** Wakes the gateway; it also looks by itself from time to time, so that a lost call only delays it. */
export async function announceCredentials(database: Pool | Connection): Promise<void> {
  await database.query(`notify ${CHANNEL}`);
}

/** The number of the last rebuild that was ordered. */
export async function wantedCredentials(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ wanted: number }>('select wanted from broker_credentials');
  return rows[0]?.wanted ?? 0;
}

/** The number of the last rebuild that the broker has taken. */
export async function appliedCredentials(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ applied: number }>('select applied from broker_credentials');
  return rows[0]?.applied ?? -1;
}
