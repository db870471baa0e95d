import { afterAll, beforeAll, expect, it } from 'vitest';
import type { StoreRequest } from '#domain/fleet/job-execution-request.ts';
import { createPostgresJobStore, JOB_STORE_SETTINGS } from '../../activities/adapters/postgres/job-store.ts';
import { createPool, type Pool } from '../../activities/adapters/postgres/pool.ts';
import { withdrawQueued } from '../../activities/adapters/postgres/withdrawals.ts';
import { addDevices, addJob, countedRows, counts, release, setJobStatus } from '../support/gateway/database-fleet.ts';
import { ARTIFACTS, shadow, startNext, update } from '../support/gateway/executions.ts';
import { createTestDatabase, type TestDatabase } from '../support/servers/test-database.ts';
import { jobStoreConformance, type JobStoreBed, type ShownRow } from './job-store.suite.ts';

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, 5, { serverSettings: JOB_STORE_SETTINGS });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const emptied = async (): Promise<void> => {
  await pool.query(
    'truncate jobs, job_executions, job_counters, execution_events, devices, gateway_refusals restart identity cascade',
  );
};

async function bed(): Promise<JobStoreBed> {
  await emptied();
  return {
    store: createPostgresJobStore(pool, 0, ARTIFACTS),
    addDevice: (thing, firmware) => addDevices(pool, [thing], firmware),
    addJob: (changed) => addJob(pool, changed),
    setJobStatus: (job, status) => setJobStatus(pool, job, status),
    release: (job, things) => release(pool, job, things),
    withdraw: async (job) => void (await withdrawQueued(pool, job.seq, '')),
    async row(thing, job) {
      const { rows } = await pool.query<ShownRow>(
        `select status, stage, version_number as "versionNumber", coalesce(boots, '[]') as boots,
           refused_success as "refusedSuccess", cancel_acknowledged as "cancelAcknowledged"
         from job_executions where thing = $1 and job_seq = $2`,
        [thing, job.seq],
      );
      if (rows[0] === undefined) throw new Error('not there');
      return rows[0];
    },
    counts: (job) => counts(pool, job),
    async events(job) {
      const { rows } = await pool.query<{ thing: string; details: Record<string, unknown> }>(
        'select thing, details from execution_events where job_seq = $1 order by id',
        [job.seq],
      );
      return rows;
    },
    async device(thing) {
      const { rows } = await pool.query<{ firmware: string; reported: string | null; lastSeen: Date | null }>(
        'select firmware, reported_firmware as reported, last_seen as "lastSeen" from devices where thing = $1',
        [thing],
      );
      const { firmware = '', reported = null, lastSeen = null } = rows[0] ?? {};
      return { firmware, reported, lastSeenMs: lastSeen?.getTime() ?? null };
    },
    async refusals() {
      const { rows } = await pool.query<{ code: string; count: number }>('select code, count from gateway_refusals');
      return new Map(rows.map(({ code, count }) => [code, count]));
    },
    close: async () => undefined,
  };
}

jobStoreConformance('PostgreSQL', bed);

it('stays exact when the engine withdraws and holds while devices report', async () => {
  await emptied();
  const store = createPostgresJobStore(pool, 0, ARTIFACTS);
  const things = Array.from({ length: 300 }, (_, index) => `t${index}`);
  await addDevices(pool, things, '1.0.0');
  const job = await addJob(pool);
  await release(pool, job, things);
  const devices = async () => {
    for (const [slot, half] of [things.slice(0, 150), things.slice(150)].entries()) {
      await store.applyBatch(
        slot,
        half.map((thing) => startNext({ thing, clientToken: thing })),
        Date.now(),
      );
    }
    const reports = things.map((thing) => update({ thing, jobId: job.jobId, status: 'SUCCEEDED' as const }));
    await Promise.all([0, 1].map((slot) => store.applyBatch(slot, reports, Date.now())));
  };
  const engine = async () => {
    await setJobStatus(pool, job, 'held');
    await pool.query(
      `with gone as (
         update job_executions set status = 6, version_number = version_number + 1
         where job_seq = $1 and status = 0 returning 1
       )
       insert into job_counters as k (job_seq, slot, queued, canceled) select $1, 1000, -count(*), count(*) from gone
       on conflict (job_seq, slot) do update set queued = k.queued + excluded.queued, canceled = k.canceled + excluded.canceled`,
      [job.seq],
    );
    await setJobStatus(pool, job, 'open');
  };
  await Promise.all([devices(), engine()]);
  expect(await counts(pool, job)).toEqual(await countedRows(pool, job));
  const { rows } = await pool.query('select 1 from job_executions where status = 2 and version_number <> 3');
  expect(rows).toEqual([]);
});

it('sees what others did to an execution that it remembers', async () => {
  await emptied();
  const store = createPostgresJobStore(pool, 0, ARTIFACTS);
  await addDevices(pool, ['a', 'b', 'c'], '1.0.0');
  const job = await addJob(pool);
  await release(pool, job, ['a', 'b', 'c']);
  const apply = async (request: StoreRequest) => (await store.applyBatch(0, [request], Date.now()))[0]?.answer;
  await store.noticesFor(['a', 'b', 'c'], 'release', Date.now());
  await pool.query(`update job_executions set status = 6, version_number = 2 where thing = 'a'`);
  expect(await apply(startNext({ thing: 'a' }))).not.toHaveProperty('body.execution');
  await apply(startNext({ thing: 'b' }));
  await pool.query(`update job_executions set refused_success = false where thing = 'b'`);
  expect(await apply(update({ thing: 'b', jobId: job.jobId, expectedVersion: 2 }))).toMatchObject({ kind: 'accepted' });
  await setJobStatus(pool, job, 'held');
  expect(await apply(startNext({ thing: 'c' }))).not.toHaveProperty('body.execution');
  await setJobStatus(pool, job, 'cancelled');
  const success = update({ thing: 'b', jobId: job.jobId, status: 'SUCCEEDED', clientToken: 'late' });
  expect(await apply(success)).toMatchObject({ body: { code: 'InvalidStateTransition' } });
});

it('judges by the present status what one batch decided before and after its job was held', async () => {
  await emptied();
  const store = createPostgresJobStore(pool, 0, ARTIFACTS);
  await addDevices(pool, ['a', 'b'], '1.0.0');
  const job = await addJob(pool);
  await release(pool, job, ['a', 'b']);
  await store.noticesFor(['a'], 'release', Date.now());
  await createPostgresJobStore(pool, 0, ARTIFACTS).applyBatch(0, [startNext({ thing: 'b' })], Date.now());
  await setJobStatus(pool, job, 'held');
  const requests = [startNext({ thing: 'a' }), update({ thing: 'b', jobId: job.jobId, expectedVersion: 2 })];
  const [start, progress] = await store.applyBatch(0, requests, Date.now());
  expect(start?.answer).not.toHaveProperty('body.execution');
  expect(progress?.answer.kind).toBe('accepted');
});

it.each(['{"a\\d", NULL}', 'line\none\ttab\u0001 ä \\n'])(
  'keeps whatever characters a device sends: %j',
  async (said) => {
    await emptied();
    const store = createPostgresJobStore(pool, 0, ARTIFACTS);
    await addDevices(pool, ['a'], '1.0.0');
    const job = await addJob(pool);
    await release(pool, job, ['a']);
    await store.applyBatch(0, [startNext({ thing: 'a', clientToken: said, statusDetails: { said } })], Date.now());
    const { rows } = await pool.query('select start_token as token, status_details as details from job_executions');
    expect(rows).toEqual([{ token: said, details: { said } }]);
  },
);

it('raises the revision of a device that reports another version, and only then', async () => {
  await emptied();
  const store = createPostgresJobStore(pool, 0, ARTIFACTS);
  await addDevices(pool, ['a'], '1.0.0');
  const report = async (firmware: string) => {
    await store.applyBatch(0, [shadow(firmware, { thing: 'a' })], Date.now());
    const { rows } = await pool.query<{ revision: number }>(`select revision from devices where thing = 'a'`);
    return Number(rows[0]?.revision);
  };
  const same = await report('1.0.0');
  const other = await report('1.2.0');
  expect(other).toBeGreaterThan(same);
  expect(await report('1.2.0')).toBe(other);
});
