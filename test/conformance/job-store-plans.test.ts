// How much of its tables a batch reads, when the planner believes that they are empty.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPostgresJobStore, JOB_STORE_SETTINGS } from '../../activities/adapters/postgres/job-store.ts';
import { createPool, type Pool } from '../../activities/adapters/postgres/pool.ts';
import { addDevices, addJob, release } from '../support/gateway/database-fleet.ts';
import { ARTIFACTS, startNext, update } from '../support/gateway/executions.ts';
import { createTestDatabase, type TestDatabase } from '../support/servers/test-database.ts';

const FLEET = 2_000;
const BATCH = 50;
/** Jobs that each device has had. */
const PAST = 40;

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, 1, { serverSettings: JOB_STORE_SETTINGS });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** Rows and index entries of the two tables that were read so far. */
async function rowsRead(): Promise<number> {
  await pool.query('select pg_stat_force_next_flush()');
  const { rows } = await pool.query<{ read: number }>(
    `select (sum(seq_tup_read) + sum(idx_tup_fetch) + (select sum(idx_tup_read) from pg_stat_user_indexes
       where relname in ('job_executions', 'devices')))::int as read
     from pg_stat_user_tables where relname in ('job_executions', 'devices')`,
  );
  return rows[0]?.read ?? 0;
}

/** As after an analysis at a moment when hardly a row was there, or none. */
async function believeEmpty(tables: readonly string[]): Promise<void> {
  for (const table of tables) await pool.query(`alter table ${table} set (autovacuum_enabled = off)`);
  await pool.query(
    `update pg_class set relpages = 100000, reltuples = 1 where oid = any($1::regclass[])
       or oid in (select indexrelid from pg_index where indrelid = any($1::regclass[]))`,
    [tables],
  );
}

/** Done with by all `things`, as gateways leave a job. */
async function addPastJob(things: readonly string[]): Promise<void> {
  const { seq } = await addJob(pool);
  await pool.query(
    'insert into job_executions (thing, job_seq, shard, status) select t, $1, 0, 2 from unnest($2::text[]) t',
    [seq, things],
  );
  await pool.query(
    'insert into job_counters (job_seq, slot, queued, succeeded) values ($1, 1000, $2, 0), ($1, 0, -$2, $2)',
    [seq, things.length],
  );
}

it('reads the rows of a batch and no others, in tables that the planner takes for empty', async () => {
  const things = Array.from({ length: FLEET }, (_, index) => `d-${String(index).padStart(4, '0')}`);
  await addDevices(pool, things, '1.0.0');
  const job = await addJob(pool);
  await release(pool, job, things);
  await believeEmpty(['devices', 'job_executions']);
  const store = createPostgresJobStore(pool, 0, ARTIFACTS);
  const batch = things.slice(0, BATCH);
  const before = await rowsRead();
  await store.applyBatch(
    0,
    batch.map((thing) => startNext({ thing })),
    Date.now(),
  );
  const success = { jobId: job.jobId, status: 'SUCCEEDED', expectedVersion: 2, clientToken: 'done' } as const;
  await store.applyBatch(
    0,
    batch.map((thing) => update({ thing, ...success })),
    Date.now(),
  );
  // Each row once or twice for each request; a table read whole for each of them would be thousands.
  expect((await rowsRead()) - before).toBeLessThan(10 * BATCH);
  const { rows } = await pool.query(`select 1 from devices where firmware <> '1.0.0'`);
  expect(rows).toHaveLength(BATCH);
});

it('reads nothing of what a device has done before, however much that is', async () => {
  const things = Array.from({ length: BATCH }, (_, index) => `old-${index}`);
  await addDevices(pool, things, '1.0.0');
  for (let past = 0; past < PAST; past += 1) await addPastJob(things);
  const job = await addJob(pool);
  await release(pool, job, things);
  await pool.query('analyze');
  const store = createPostgresJobStore(pool, 0, ARTIFACTS);
  const before = await rowsRead();
  const told = await store.noticesFor(things, 'release', Date.now());
  expect(told.filter(({ topic }) => topic === 'notify-next')).toHaveLength(BATCH);
  expect((await rowsRead()) - before).toBeLessThan(10 * BATCH);
});
