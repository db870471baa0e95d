// Orders to renew the broker's users: `wanted` rises with every change, `applied` follows when the broker knows them.
import type { Pool } from './pool.ts';

const PAGE = 5_000;

/** The newest order. */
export async function wantedAccess(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ wanted: number }>('select wanted from broker_credentials');
  return rows[0]?.wanted ?? 0;
}

/** Notes that the broker knows everything up to `order`. */
export async function noteAccessApplied(pool: Pool, order: number): Promise<void> {
  await pool.query('update broker_credentials set applied = $1 where applied < $1', [order]);
}

/** True while an order is open. */
export async function isAccessOutdated(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ outdated: boolean }>(
    'select wanted > applied as outdated from broker_credentials',
  );
  return rows[0]?.outdated ?? false;
}

/** The name of every registered device, in order. */
export async function* registeredThings(pool: Pool): AsyncGenerator<string> {
  for (let after = ''; ;) {
    const { rows } = await pool.query<[string]>({
      text: 'select thing from devices where thing > $1 order by thing limit $2',
      values: [after, PAGE],
      rowMode: 'array',
    });
    for (const [thing] of rows) yield thing;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    [after] = last;
  }
}
