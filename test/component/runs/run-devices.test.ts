// `run devices` and `run evidence`: who exactly failed or was left behind, and what was seen.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertEvidence } from '../../../activities/adapters/postgres/evidence.ts';
import { insertPlan } from '../../../activities/adapters/postgres/plans.ts';
import { inTransaction, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import { insertRun } from '../../../activities/adapters/postgres/runs.ts';
import { planDigest } from '../../../client/engine/plans/digest.ts';
import type { PlanId, RunId } from '#domain/ids.ts';
import { aPlan } from '../../support/runs/plan-builder.ts';
import { runCli } from '../../support/registry/run-cli.ts';
import { openTestEngine, type TestEngine } from '../../support/registry/test-engine.ts';

const RUN = 'exe_devices' as RunId;
let engine: TestEngine;
let pool: Pool;

/** Name, status of its install (null: not offered), what it said, and the state of its way back. */
const DEVICES: readonly [string, number | null, string | null, string | null][] = [
  ['d1', 2, null, 'returned'],
  ['d2', 3, 'boot-loop', 'unacknowledged'],
  ['d3', 4, null, null],
  ['d4', 5, 'no space', null],
  ['d5', 6, null, 'offered'],
  ['d6', null, null, null],
];

beforeAll(async () => {
  engine = await openTestEngine();
  pool = await engine.deps.database();
  const plan = aPlan({ planId: 'plan_devices' as PlanId });
  await insertPlan(pool, { plan, digest: planDigest(plan) });
  const row = { run: RUN, workflowId: `fleet-rollout/${RUN}`, planId: plan.planId };
  await inTransaction(pool, (connection) =>
    insertRun(connection, { ...row, environment: 'e', lock: '', kind: 'fleet-rollout', startedBy: 'ada', place: null }),
  );
  await pool.query(
    `insert into jobs (job_id, run_id, purpose, wave, version, document, in_progress_timeout_ms, confirm_within_ms, confirm)
     values ('exe_devices-w1', $1, 'install', 1, '1.1.0', '{}', 1, 1, 'succeeded')`,
    [RUN],
  );
  for (const [at, [thing, status, reason, back]] of DEVICES.entries()) {
    await pool.query(
      'insert into rollout_targets (run_id, thing, ord, wave, previous_firmware) values ($1, $2, $3, 1, $4)',
      [RUN, thing, at, '1.0.0'],
    );
    if (status !== null)
      await pool.query(
        'insert into job_executions (thing, job_seq, shard, status, status_details) select $1, seq, 0, $2, $3 from jobs',
        [thing, status, reason === null ? null : JSON.stringify({ reason })],
      );
    if (back !== null)
      await pool.query(
        `insert into rollback_targets (run_id, thing, version, state, detail) values ($1, $2, '1.0.0', $3, $4)`,
        [RUN, thing, back, back === 'unacknowledged' ? 'offered 1.0.0, not confirmed in time' : ''],
      );
  }
  await pool.query(
    `insert into job_counters (job_seq, slot, succeeded, failed, timed_out, rejected, canceled)
     select seq, 0, 1, 1, 1, 1, 1 from jobs`,
  );
  await insertEvidence(pool, { run: RUN, step: 'watch', body: { summary: 'failure rate 60 %', examples: ['d2'] } });
});
afterAll(() => engine.close());

interface Listed {
  readonly devices: readonly { thing: string; state: string; way_back: string | null; reason: string }[];
  readonly complete: boolean;
}

const list = async (...argv: string[]): Promise<Listed> =>
  (await runCli(engine, 'run', 'devices', RUN, ...argv, '--output', 'json')).json() as unknown as Listed;
const things = async (...argv: string[]): Promise<string[]> => (await list(...argv)).devices.map(({ thing }) => thing);

describe('run devices', () => {
  it('names every device, how far it came, and why it did not go well', async () => {
    expect(
      (await list()).devices.map(({ thing, state, way_back: back, reason }) => [thing, state, back, reason]),
    ).toEqual([
      ['d1', 'succeeded', 'returned', ''],
      ['d2', 'failed', 'left', 'offered 1.0.0, not confirmed in time'],
      ['d3', 'timed-out', null, 'no answer in time'],
      ['d4', 'rejected', null, 'no space'],
      ['d5', 'canceled', 'returning', ''],
      ['d6', 'waiting', null, ''],
    ]);
  });

  it('narrows to states of the install and of the way back; failed means every bad end', async () => {
    expect(await things('--state', 'failed')).toEqual(['d2', 'd3', 'd4']);
    expect(await things('--state', 'timed-out')).toEqual(['d3']);
    expect(await things('--state', 'left')).toEqual(['d2']);
    expect(await things('--state', 'returned,returning')).toEqual(['d1', 'd5']);
    expect(await list('--limit', '2')).toMatchObject({ complete: false, devices: [{ thing: 'd1' }, { thing: 'd2' }] });
  });

  it('refuses a state that does not exist, with those that do', async () => {
    const refused = await runCli(engine, 'run', 'devices', RUN, '--state', 'broken');
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('returning, returned, left');
  });

  it('is a table for people', async () => {
    const { stdout } = await runCli(engine, 'run', 'devices', RUN, '--state', 'left');
    expect(stdout).toBe(
      'THING  WAVE  STATE   WAY BACK  CAME FROM  WHY\n' +
        'd2     1     failed  left      1.0.0      offered 1.0.0, not confirmed in time\n',
    );
  });
});

describe('run show', () => {
  it('names a few of them, and the commands that name all', async () => {
    const { stdout } = await runCli(engine, 'run', 'show', RUN);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'devices left behind: d2 (offered 1.0.0, not confirmed in time) · failed: d2 (offered 1.0.0, not confirmed in time), d3 (no answer in time), d4 (no space)',
    );
    expect(stdout).toContain(`  sluice run devices ${RUN} --state left\n`);
    const shown = (await runCli(engine, 'run', 'show', RUN, '--output', 'json')).json();
    expect(shown['examples']).toMatchObject({ left: [{ thing: 'd2' }], failed: [{}, { thing: 'd3' }, {}] });
  });
});

describe('run evidence', () => {
  it('shows what was seen, for people and for programs', async () => {
    const { stdout } = await runCli(engine, 'run', 'evidence', RUN);
    expect(stdout).toMatch(/^evd_\w+ · watch · \d\d:\d\d \S+ \(.*\)\n {2}summary: failure rate 60 %\n {2}examples:\n/);
    expect((await runCli(engine, 'run', 'evidence', RUN, '--output', 'json')).json()).toMatchObject({
      execution_id: RUN,
      evidence: [{ step: 'watch', body: { examples: ['d2'] } }],
    });
  });
});
