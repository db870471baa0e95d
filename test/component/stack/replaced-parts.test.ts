import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMosquitto, type MosquittoServer } from '../../support/servers/mosquitto.ts';
import { runSql } from '../../support/servers/postgres.ts';
import { startTemporal, type TemporalServer } from '../../support/servers/temporal.ts';
import { createTestDatabase, type TestDatabase } from '../../support/servers/test-database.ts';
import { StackUnderTest } from './stack-under-test.ts';

describe('a part that a variable replaces', () => {
  let stack: StackUnderTest;
  let database: TestDatabase;
  let temporal: TemporalServer;
  let broker: MosquittoServer;
  beforeAll(async () => {
    [stack, database, temporal, broker] = await Promise.all([
      StackUnderTest.create(),
      createTestDatabase(),
      startTemporal(),
      startMosquitto(),
    ]);
    await runSql(database.url, 'drop schema sluice cascade');
  });
  afterAll(async () => {
    await stack.end();
    await Promise.all([database.drop(), temporal.stop(), broker.stop()]);
  });

  it('is not started; the others use it, and the database is migrated', async () => {
    const theirs = {
      SLUICE_DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: temporal.address,
      SLUICE_MQTT_URL: broker.url,
    };
    const running = stack.up(theirs);
    const { parts } = await running.ready;
    expect(parts.find(({ name }) => name === 'temporal')).toMatchObject({ address: temporal.address, embedded: false });
    expect(stack.runningParts()).toHaveLength(4);
    const { rows } = await runSql(database.url, 'select count(*)::int as count from sluice.migrations');
    expect(rows).toEqual([{ count: expect.any(Number) as number }]);
    expect((await stack.sluice(['status'], theirs)).stdout).toContain(temporal.address);
    running.process.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ code: 0 });
  });
});
