import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { createPool, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import { insertRunEvents } from '../../../activities/adapters/postgres/run-events.ts';
import { inTransaction } from '../../../activities/adapters/postgres/pool.ts';
import { insertPlan } from '../../../activities/adapters/postgres/plans.ts';
import { closeRun, insertRun } from '../../../activities/adapters/postgres/runs.ts';
import { planDigest } from '../../../client/engine/plans/digest.ts';
import type { PlanId, RunId } from '#domain/ids.ts';
import { aPlan } from '../../support/runs/plan-builder.ts';
import { startPostgres, type PostgresServer } from '../../support/servers/postgres.ts';
import { makeTempFolder } from '../../support/servers/temp-folder.ts';
import { LAUNCHER, startSluice, type RunningSluice } from './spawn-sluice.ts';

const folder = makeTempFolder('follow');
const planId = 'plan_follow' as PlanId;
let server: PostgresServer;
let pool: Pool;

beforeAll(async () => {
  server = await startPostgres({ folder: `${folder.path}/cluster` });
  pool = createPool(server.url);
  const plan = aPlan({ planId });
  await insertPlan(pool, { plan, digest: planDigest(plan) });
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
    lock: '',
    kind: 'fleet-rollout',
    startedBy: 'ada',
    place: null,
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

const until = (sluice: RunningSluice, count: number) => eventually(() => expect(seqs(sluice)).toHaveLength(count));

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

/** `sluice run watch` in a terminal of 24 by 80; what is written to its standard input is typed there. */
function watchInTerminal(run: RunId): ChildProcess {
  const command = `stty rows 24 cols 80; exec ${process.execPath} ${LAUNCHER} run watch ${run}`;
  const env = { ...process.env, SLUICE_DATA_DIR: folder.path, SLUICE_DATABASE_URL: server.url, TERM: 'xterm' };
  return spawn('script', ['-qec', command, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
}

describe('Ctrl-C', () => {
  it.each([[['run', 'watch']], [['run', 'events', '--follow']]])(
    '%j leaves the run alone and says so',
    async (words) => {
      const run = await newRun(`left${words[1] ?? ''}`);
      await journal(run, 1, 1);
      const sluice = startSluice([...words, run], { SLUICE_DATA_DIR: folder.path, SLUICE_DATABASE_URL: server.url });
      await eventually(() => expect(sluice.stdout()).not.toBe(''));
      sluice.child.kill('SIGINT');
      await once(sluice.child, 'exit');
      expect(await sluice.ended).toBe(130);
      expect(sluice.stderr()).toContain(`the run goes on   ·   sluice run watch ${run}`);
      const { rows } = await pool.query('select closed from runs where run_id = $1', [run]);
      expect(rows).toEqual([{ closed: false }]);
    },
  );

  it('in a terminal, where the run is drawn in place, says the same', async () => {
    const run = await newRun('drawn');
    await journal(run, 1, 1);
    const terminal = watchInTerminal(run);
    let seen = '';
    terminal.stdout?.on('data', (chunk: Buffer) => (seen += chunk.toString()));
    await eventually(() => expect(seen).toContain(`${run}  QUEUED`));
    expect(seen).toContain('doing     starting');
    terminal.stdin?.write('\u0003');
    const [code] = (await once(terminal, 'close')) as [number];
    expect(seen).toContain(`the run goes on   ·   sluice run watch ${run}`);
    expect(code).toBe(130);
  });
});
