import pg from 'pg';

export type Pool = pg.Pool;
export type Connection = pg.PoolClient;

// int8 arrives as text by default; our counters and sequences stay far below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/**
 * Connections to Sluice's database, schema `sluice`. A lost connection never throws outside a query.
 * `serverSettings` (`name=value`) hold for each of them.
 */
export function createPool(databaseUrl: string, maxConnections = 5, serverSettings: readonly string[] = []): Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: maxConnections,
    options: ['search_path=sluice', ...serverSettings].map((setting) => `-c ${setting}`).join(' '),
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  // A connection that dies is replaced at the next query, which reports it; unheard, its event would end the process:
  // the pool's for idle connections, the connection's own while somebody holds it between two queries.
  pool.on('error', () => undefined);
  pool.on('connect', (connection) => connection.on('error', () => undefined));
  return pool;
}

/** Runs `work` in one transaction; rolled back when it throws. */
export async function inTransaction<T>(pool: Pool, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await pool.connect();
  try {
    await connection.query('begin');
    const result = await work(connection);
    await connection.query('commit');
    connection.release();
    return result;
  } catch (error) {
    // A broken connection cannot roll back; the server does it when it notices. Discarded, so that nobody inherits it.
    await connection.query('rollback').catch(() => undefined);
    connection.release(error instanceof Error ? error : true);
    throw error;
  }
}
