import { once } from 'node:events';
import type { Connection, Pool } from './pool.ts';

/** Notified in the transaction that adds journal entries. */
const RUN_EVENTS_CHANNEL = 'run_events';

/**
 * Says when some run's journal may have grown. A hint only: it can miss what happens while the connection is down, so
 * whoever waits for it reads by cursor and looks again after a while in any case.
 */
export class RunEventListener {
  readonly #pool: Pool;
  #connection: Connection | undefined;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Returns at the next notification, after `timeoutMs`, or when `signal` is aborted; never throws. */
  async wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const settled = new AbortController();
    const limit = AbortSignal.any([signal, settled.signal, AbortSignal.timeout(timeoutMs)]);
    const connection = await this.#listening().catch(() => undefined);
    const wakers = connection
      ? [once(connection, 'notification', { signal: limit }), once(connection, 'end', { signal: limit })]
      : [once(limit, 'abort')];
    await Promise.race(wakers).catch(() => undefined);
    // Takes the listeners of the others away.
    settled.abort();
  }

  /** Gives its connection back. */
  close(): void {
    this.#connection?.release(true);
    this.#connection = undefined;
  }

  async #listening(): Promise<Connection> {
    if (this.#connection) return this.#connection;
    const connection = await this.#pool.connect();
    // A lost connection is replaced at the next wait; unheard, its error would end the process.
    connection.on('error', () => {
      if (this.#connection === connection) this.close();
    });
    try {
      await connection.query(`listen ${RUN_EVENTS_CHANNEL}`);
    } catch (error) {
      connection.release(true);
      throw error;
    }
    this.#connection = connection;
    return connection;
  }
}
