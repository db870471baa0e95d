import { Socket } from 'node:net';
import pg from 'pg';
import { causeOf } from '#domain/errors/cause-of.ts';

/** What one question to a PostgreSQL saw: never what is in its rows. */
export type DatabaseLook =
  | { readonly kind: 'answered'; readonly rows: number; readonly tookMs: number }
  | { readonly kind: 'failed'; readonly why: string; readonly tookMs: number };

export interface DatabaseQuestion {
  readonly connectionString: string;
  readonly query: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Connects, runs the query and leaves, in `timeoutMs` all together; the server ends a query that takes longer. `why` may
 * quote the connection string. Throws only when it was cancelled.
 */
export async function askDatabase(question: DatabaseQuestion): Promise<DatabaseLook> {
  const { signal, timeoutMs } = question;
  signal.throwIfAborted();
  const startedAt = performance.now();
  const took = (): number => Math.round(performance.now() - startedAt);
  const limit = AbortSignal.timeout(timeoutMs);
  // Our own, so that it can be closed whatever state the client is in.
  const socket = new Socket();
  try {
    const rows = await Promise.race([ask(question, socket), ended(AbortSignal.any([signal, limit]))]);
    return { kind: 'answered', rows, tookMs: took() };
  } catch (error) {
    signal.throwIfAborted();
    const why = limit.aborted ? `no answer within ${timeoutMs} ms` : causeOf(error);
    return { kind: 'failed', why, tookMs: took() };
  } finally {
    socket.destroy();
  }
}

async function ask({ connectionString, query, timeoutMs }: DatabaseQuestion, socket: Socket): Promise<number> {
  const client = new pg.Client({
    connectionString,
    application_name: 'sluice-check',
    stream: () => socket,
  });
  // The socket is closed under it; unheard, that would end the process.
  client.on('error', () => undefined);
  await client.connect();
  // Not as a parameter of the connection, which poolers in between refuse; nor left behind on one that they share.
  await client.query(`begin; set local statement_timeout = ${timeoutMs}`);
  // Several statements have several results, of which pg's types know nothing.
  const result = (await client.query(query)) as pg.QueryResult<never> | pg.QueryResult<never>[];
  await client.query('commit');
  const last = Array.isArray(result) ? result.at(-1) : result;
  await client.end();
  return last?.rowCount ?? 0;
}

function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('time is over')), { once: true });
  });
}
