import pg from 'pg';
import { isLostConnection } from './lost-connection.ts';

export type Pool = pg.Pool;
export type Connection = pg.PoolClient;

// int8 arrives as text by default; our counters and sequences stay far below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export interface PoolOptions {
  /** `name=value`; they hold for each connection. */
  readonly serverSettings?: readonly string[];
  /** A statement that takes longer fails as one to try again, be it that it waits for a lock or that nobody answers. */
  readonly statementBoundMs?: number;
}

/** Longer than any statement here takes: whatever is large is read and written in parts. */
const STATEMENT_BOUND_MS = 60_000;
/** The server ends a statement first, and the connection stays; one that does not even do that is left. */
const ANSWER_AFTER_BOUND_MS = 1_000;

/** Connections to Sluice's database, schema `sluice`. A lost connection never throws outside a query. */
export function createPool(databaseUrl: string, maxConnections = 5, options: PoolOptions = {}): Pool {
  const { serverSettings = [], statementBoundMs = STATEMENT_BOUND_MS } = options;
  const settings = ['search_path=sluice', `statement_timeout=${statementBoundMs}`, ...serverSettings];
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: maxConnections,
    options: settings.map((setting) => `-c ${setting}`).join(' '),
    connectionTimeoutMillis: 5_000,
    query_timeout: statementBoundMs + ANSWER_AFTER_BOUND_MS,
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
    if (!isLostConnection(error)) await connection.query('rollback').catch(() => undefined);
    connection.release(error instanceof Error ? error : true);
    throw error;
  }
}
