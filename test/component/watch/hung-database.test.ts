import { ApplicationFailure } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { WatchInput } from '#domain/ports/watch.port.ts';
import { createPool, inTransaction, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import { isPassingDatabaseError } from '../../../activities/adapters/postgres/passing-error.ts';
import { createWatchActivities } from '../../../activities/watch/watch.activities.ts';
import { attempt, openFleetWorld, type FleetWorld } from '../../support/fleet/fleet-world.ts';

const BOUND_MS = 300;
let world: FleetWorld;
let pool: Pool;

beforeAll(async () => {
  world = await openFleetWorld();
});
afterAll(() => world.close());
afterEach(() => pool.end());

const input: WatchInput = {
  run: 'exe_1',
  planId: 'plan_1',
  digest: 'd',
  watch: {
    everyMs: 5_000,
    healthChecks: [],
    criteria: { maxFailureRatePercent: 10, minimumExecuted: 10, onHealthCheckFailure: true },
  },
};

async function look(): Promise<{ type: unknown; left: unknown }> {
  const activities = createWatchActivities({ ...world, pool });
  const looking = attempt(activities.watchCriteria, input, { currentAttemptScheduledTimestampMs: 6_000 });
  let left: unknown = null;
  looking.hearts.on('heartbeat', (details: unknown) => (left = details));
  const failure = await looking.result.then(
    () => null,
    (error: unknown) => error,
  );
  return { type: failure instanceof ApplicationFailure ? failure.type : failure, left };
}

const BLIND = { type: 'WATCH_BLIND', left: { looks: 1, sinceMs: 6_000 } };

describe('a database that hangs', () => {
  it('makes a look blind when a statement waits for a lock', async () => {
    pool = createPool(world.databaseUrl, 1, { statementBoundMs: BOUND_MS });
    await inTransaction(world.pool, async (connection) => {
      await connection.query('lock table jobs in access exclusive mode');
      expect(await look()).toEqual(BLIND);
    });
    expect(await look()).toMatchObject({ type: 'NOTHING_YET' });
  });

  it('makes a look blind when its server process answers no more, and holds no connection', async () => {
    pool = createPool(world.databaseUrl, 1, { statementBoundMs: BOUND_MS });
    const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid');
    const pid = rows[0]?.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    try {
      expect(await look()).toEqual(BLIND);
      expect(await look()).toMatchObject({ type: 'NOTHING_YET' });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  it('fails a transaction as one to try again, without waiting for its rollback', async () => {
    pool = createPool(world.databaseUrl, 1, { statementBoundMs: BOUND_MS });
    let pid = 0;
    const work = inTransaction(pool, async (connection) => {
      const { rows } = await connection.query<{ pid: number }>('select pg_backend_pid() as pid');
      pid = rows[0]?.pid ?? 0;
      process.kill(pid, 'SIGSTOP');
      await connection.query('select 1');
    });
    try {
      await expect(work).rejects.toSatisfy(isPassingDatabaseError);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });
});
