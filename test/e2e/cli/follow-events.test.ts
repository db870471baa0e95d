import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createPool, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import { insertRunEvents } from '../../../activities/adapters/postgres/run-events.ts';
import { inTransaction } from '../../../activities/adapters/postgres/pool.ts';
import { insertPlan } from '../../../activities/adapters/postgres/plans.ts';
import { closeRun, insertRun } from '../../../activities/adapters/postgres/runs.ts';
import type { PlanId, RunId } from '#domain/ids.ts';
import { aPlan } from '../../support/runs/plan-builder.ts';
import { startPostgres, type PostgresServer } from '../../support/servers/postgres.ts';
import { makeTempFolder } from '../../support/servers/temp-folder.ts';
import { startSluice, type RunningSluice } from './spawn-sluice.ts';

const folder = makeTempFolder('follow');
const planId = 'plan_follow' as PlanId;
let server: PostgresServer;
let pool: Pool;

beforeAll(async () => {
  server = await startPostgres({ folder: `${folder.path}/cluster` });
  pool = createPool(server.url);
  await insertPlan(pool, { plan: aPlan({ planId }), digest: 'd'.repeat(64) });
});
afterAll(async () => {
  await pool.end();
  await server.stop();
  folder.remove();
});

async function newRun(name: string): Promise<RunId> {
  const run = `exe_${name}` as RunId;
  const row = {
    run,
    workflowId: `fleet-rollout/${run}`,
    planId,
    environment: name,
    kind: 'fleet-rollout',
    startedBy: 'ada',
  };
  await inTransaction(pool, (connection) => insertRun(connection, row));
  return run;
}

/** Writes entries as the journal does: in one transaction, with a notification. */
async function journal(run: RunId, from: number, to: number): Promise<void> {
  const at = new Date().toISOString();
  const entries = Array.from({ length: to - from + 1 }, (_, index) => ({
    seq: from + index,
    at,
    type: 'step-ended' as const,
    summary: `entry ${from + index}`,
    data: {},
  }));
  await inTransaction(pool, async (connection) => {
    await insertRunEvents(connection, run, entries);
    await connection.query("select pg_notify('run_events', $1)", [run]);
  });
}

const close = (run: RunId) =>
  inTransaction(pool, (connection) =>
    closeRun(connection, run, { phase: 'completed', at: new Date().toISOString(), view: null }),
  );

const follow = (run: RunId, form: readonly string[] = ['--output', 'json']): RunningSluice =>
  startSluice(['run', 'events', run, '--follow', ...form], {
    SLUICE_DATA_DIR: folder.path,
    SLUICE_DATABASE_URL: server.url,
  });

const seqs = (sluice: RunningSluice): number[] =>
  sluice
    .stdout()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { seq: number }).seq);

const until = (sluice: RunningSluice, count: number) =>
  vi.waitFor(() => expect(seqs(sluice)).toHaveLength(count), { timeout: 20_000, interval: 20 });

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('run events --follow', () => {
  it.each([
    ['with --output json', ['--output', 'json']],
    ['into a pipe', []],
  ])('%s gives every entry once, in order, one a line, and ends with the run', async (_how, form) => {
    const run = await newRun(`drained${form.length}`);
    await journal(run, 1, 1_200);
    const sluice = follow(run, form);
    await until(sluice, 1_200);
    await journal(run, 1_201, 1_203);
    await until(sluice, 1_203);
    await journal(run, 1_204, 1_204);
    await close(run);
    expect(await sluice.ended).toBe(0);
    expect(seqs(sluice)).toEqual(upTo(1_204));
  });

  it('survives a killed PostgreSQL: no entry lost or doubled', async () => {
    const run = await newRun('restarted');
    await journal(run, 1, 5);
    const sluice = follow(run);
    await until(sluice, 5);
    const { port } = server;
    await server.kill();
    server = await startPostgres({ port, folder: `${folder.path}/cluster` });
    await journal(run, 6, 9);
    await until(sluice, 9);
    await close(run);
    expect(await sluice.ended).toBe(0);
    expect(seqs(sluice)).toEqual(upTo(9));
    expect(sluice.stderr()).toBe('');
  });
});

describe('Ctrl-C', () => {
  it.each([
    [['run', 'watch'], 130],
    [['run', 'events', '--follow'], 0],
  ])('%j leaves the run alone and says so', async (words, exitCode) => {
    const run = await newRun(`left${exitCode}`);
    await journal(run, 1, 1);
    const sluice = startSluice([...words, run], { SLUICE_DATA_DIR: folder.path, SLUICE_DATABASE_URL: server.url });
    await vi.waitFor(() => expect(sluice.stdout()).not.toBe(''), { timeout: 20_000 });
    sluice.child.kill('SIGINT');
    await once(sluice.child, 'exit');
    expect(await sluice.ended).toBe(exitCode);
    expect(sluice.stderr()).toContain('the run goes on');
    const { rows } = await pool.query('select closed from runs where run_id = $1', [run]);
    expect(rows).toEqual([{ closed: false }]);
  });
});
