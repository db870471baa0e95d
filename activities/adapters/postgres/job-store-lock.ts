import pg from 'pg';
import type { ShardClaim, ShardLock, ShardSignal } from '#domain/ports/job-store.port.ts';

/** First half of the advisory lock's key: no other use of such locks in this database has it. */
const LOCK_CLASS = 0x51_07_ce;
const SIGNALS: readonly ShardSignal[] = ['job_release', 'broker_credentials'];
const HEARTBEAT_MS = 2_000;
const HEARTBEAT_TIMEOUT_MS = 5_000;

/** Shard ownership by an advisory lock: it goes with the connection that took it, so a dead gateway holds nothing. */
export function createPostgresShardLock(databaseUrl: string): ShardLock {
  return {
    async claim(shard) {
      const client = new pg.Client({
        connectionString: databaseUrl,
        connectionTimeoutMillis: 5_000,
        query_timeout: HEARTBEAT_TIMEOUT_MS,
        keepAlive: true,
      });
      const lost = lossOf(client);
      try {
        await client.connect();
        const { rows } = await client.query<{ mine: boolean }>('select pg_try_advisory_lock($1, $2) as mine', [
          LOCK_CLASS,
          shard,
        ]);
        if (rows[0]?.mine !== true) {
          await client.end();
          return null;
        }
        for (const name of SIGNALS) await client.query(`listen ${name}`);
      } catch (error) {
        await client.end().catch(() => undefined);
        throw error;
      }
      return claimOn(client, lost);
    },
  };
}

interface Loss {
  readonly happened: Promise<string>;
  readonly declare: (why: string) => void;
}

function lossOf(client: pg.Client): Loss {
  let declare: (why: string) => void = () => undefined;
  const happened = new Promise<string>((resolve) => {
    declare = resolve;
  });
  client.on('error', (error) => declare(error.message));
  client.on('end', () => declare('the connection ended'));
  return { happened, declare };
}

function claimOn(client: pg.Client, loss: Loss): ShardClaim {
  const listeners = new Map<string, ((payload: string) => void)[]>();
  client.on('notification', ({ channel, payload }) => {
    for (const listener of listeners.get(channel) ?? []) listener(payload ?? '');
  });
  // A server that is gone without a word (machine lost) would leave the socket open for hours.
  const heartbeat = setInterval(() => {
    client.query('select 1').catch((error: unknown) => loss.declare(String(error)));
  }, HEARTBEAT_MS);
  void loss.happened.then(() => {
    clearInterval(heartbeat);
    return client.end().catch(() => undefined);
  });
  return {
    lost: loss.happened,
    onSignal(name, listener) {
      listeners.set(name, [...(listeners.get(name) ?? []), listener]);
    },
    async release() {
      loss.declare('released');
      await client.end().catch(() => undefined);
    },
  };
}
