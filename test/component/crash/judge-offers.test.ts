import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { STATUS } from '#domain/fleet/job-execution.ts';
import { createPool, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import { judgeOffers, judgePause, type Judged } from '../../support/crash/judge-offers.ts';
import { createTestDatabase, type TestDatabase } from '../../support/servers/test-database.ts';

const RUN = 'exe_judged';
const HELD_MS = Date.parse('2026-01-01T00:01:00Z');
let database: TestDatabase;
let pool: Pool;
let judged: Judged;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url);
  judged = { world: { pool }, run: RUN, options: { maximumPerMinute: null } };
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(() => pool.query('truncate job_executions, jobs, rollout_targets restart identity cascade'));

async function aJob(status: string): Promise<void> {
  await pool.query(
    `insert into jobs (job_id, run_id, purpose, wave, version, document, in_progress_timeout_ms, confirm_within_ms, confirm, status)
     values ($1 || '-w1', $1, 'install', 1, '1.1.0', '{}', 1, 1, 'succeeded', $2)`,
    [RUN, status],
  );
}

const aDevice = (thing: string, status: number, startedAt: string | null = null) =>
  pool.query(`insert into job_executions (thing, job_seq, shard, status, started_at) values ($1, 1, 0, $2, $3)`, [
    thing,
    status,
    startedAt,
  ]);

const released = (thing: string, at: string) =>
  pool.query(
    `insert into rollout_targets (run_id, thing, ord, wave, previous_firmware, released_at) values ($1, $2, 1, 1, '1.0.0', $3)`,
    [RUN, thing, at],
  );

describe('what a withdrawn run leaves behind', () => {
  it('is fine when the job is cancelled and nobody has it in the queue', async () => {
    await aJob('cancelled');
    await aDevice('d1', STATUS.canceled);
    expect(await judgeOffers(judged, 'rolled-back')).toEqual([]);
  });

  it.each(['cancelled', 'rolled-back', 'rollback-incomplete'] as const)('is wrong after %s', async (phase) => {
    await aJob('held');
    await aDevice('d1', STATUS.queued);
    expect(await judgeOffers(judged, phase)).toEqual([
      `${RUN}-w1 is held after the end`,
      `${RUN}-w1 is still queued for 1 devices`,
    ]);
  });

  it('may stand open after a run that completed: devices that are away come back to it', async () => {
    await aJob('open');
    await aDevice('d1', STATUS.queued);
    expect(await judgeOffers(judged, 'completed')).toEqual([]);
  });
});

describe('a pause', () => {
  it('is kept when all that was released and began did so before', async () => {
    await aJob('held');
    await aDevice('d1', STATUS.inProgress, '2026-01-01T00:00:59Z');
    await released('d1', '2026-01-01T00:00:58Z');
    expect(await judgePause(judged, HELD_MS)).toEqual([]);
  });

  it('is broken by an offer and by a device that begins', async () => {
    await aJob('held');
    await aDevice('d1', STATUS.inProgress, '2026-01-01T00:01:01Z');
    await released('d1', '2026-01-01T00:01:01Z');
    expect(await judgePause(judged, HELD_MS)).toEqual([
      '1 devices were offered it while the run was paused',
      '1 devices began while the run was paused',
    ]);
  });
});
