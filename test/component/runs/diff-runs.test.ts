// `run diff` on stored runs of both kinds.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertEvidence } from '../../../activities/adapters/postgres/evidence.ts';
import { insertPlan } from '../../../activities/adapters/postgres/plans.ts';
import { inTransaction, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import { insertRunEvents } from '../../../activities/adapters/postgres/run-events.ts';
import { insertRun } from '../../../activities/adapters/postgres/runs.ts';
import { planDigest } from '../../../client/engine/plans/digest.ts';
import { workflowIdOf, type PlanId, type RunId } from '#domain/ids.ts';
import type { Plan } from '#domain/plan/plan.ts';
import { lockOf } from '#domain/plan/plan-subject.ts';
import { runCli } from '../../support/registry/run-cli.ts';
import { openTestEngine, type TestEngine } from '../../support/registry/test-engine.ts';
import { aReleasePlan } from '../../support/runs/container-plan-builder.ts';
import { aPlan } from '../../support/runs/plan-builder.ts';

const FLEET = aPlan({ planId: 'plan_fleet' as PlanId });
const RELEASE = aReleasePlan({ plan: { planId: 'plan_release' as PlanId } });

let engine: TestEngine;
let pool: Pool;
beforeAll(async () => {
  engine = await openTestEngine();
  pool = await engine.deps.database();
  await store('exe_closed', FLEET);
  await pool.query(
    `update runs set phase = 'failed', closed = true, completed_at = started_at + interval '90 s' where run_id = 'exe_closed'`,
  );
  await insertEvidence(pool, { run: 'exe_closed', step: 'watch', body: { summary: 'too many failed' } });
  await store('exe_open', { ...FLEET, planId: 'plan_open' as PlanId, author: 'zoe' });
  await store('exe_release', RELEASE);
});
afterAll(() => engine.close());

/** A run whose first step began. */
async function store(run: string, plan: Plan): Promise<void> {
  const { planId, kind, steps } = plan;
  await insertPlan(pool, { plan, digest: planDigest(plan) });
  const row = { run: run as RunId, workflowId: workflowIdOf(run as RunId, kind), planId, kind, lock: lockOf(plan) };
  const data = { step: steps[0]?.id, index: 0 };
  await inTransaction(pool, async (connection) => {
    await insertRun(connection, { ...row, environment: run, startedBy: 'ada', place: null });
    const began = { seq: 1, at: '2026-01-01T00:00:00.000Z', type: 'step-started', summary: '', data } as const;
    await insertRunEvents(connection, run, [began]);
  });
}

const diff = async (...runs: string[]) => (await runCli(engine, 'run', 'diff', ...runs, '--output', 'json')).json();

describe('run diff', () => {
  it('compares a run that is closed with one under way', async () => {
    expect(await diff('exe_closed', 'fleet-rollout/exe_open')).toMatchObject({
      a: { execution_id: 'exe_closed', status: 'failed', evidence: [{ step: 'watch' }] },
      b: { execution_id: 'exe_open', status: 'queued', evidence: [] },
      same_run: false,
      plan: {
        differences: [
          { path: 'plan_id', a: 'plan_fleet', b: 'plan_open' },
          { path: 'digest' },
          { path: 'author', a: 'lin', b: 'zoe' },
        ],
      },
      configuration: { differences: [] },
      durations: {
        whole: {
          a: { took_ms: 90_000, state: 'ended' },
          b: { ended_at: null, state: 'under-way' },
          difference_ms: null,
        },
        steps: expect.arrayContaining([
          expect.objectContaining({
            step: 'offer-1',
            planned_by: 'both',
            a: expect.objectContaining({ state: 'cut-short' }) as unknown,
            b: expect.objectContaining({ state: 'under-way' }) as unknown,
          }),
        ]) as unknown,
      },
      results: {
        differences: expect.arrayContaining([
          { path: 'phase', change: 'changed', a: 'failed', b: 'queued' },
          { path: 'evidence.watch', change: 'only-a', a: ['too many failed'] },
        ]) as unknown,
      },
    });
  });

  it('compares a rollout with a release in what both have', async () => {
    const said = await runCli(engine, 'run', 'diff', 'exe_closed', 'deployment/exe_release');
    expect(said).toMatchObject({ exitCode: 0, stderr: '' });
    expect(said.stdout).toContain('different kinds · compared is what both have, left out are\n-   signature');
    expect(await diff('exe_closed', 'exe_release')).toMatchObject({
      same_kind: false,
      delivered: { differences: [{ path: 'name', a: 'edge', b: 'shop' }, { path: 'version' }, { path: 'size_bytes' }] },
    });
  });

  it('knows a run that is held against itself', async () => {
    expect((await runCli(engine, 'run', 'diff', 'exe_open', 'exe_open')).stdout).toBe(
      'exe_open is compared with itself: nothing can differ\n  sluice run show exe_open\n',
    );
    expect(await diff('exe_open', 'fleet-rollout/exe_open')).toMatchObject({ same_run: true });
  });

  it.each([
    [['exe_none', 'exe_open'], 'RUN_NOT_FOUND', 4],
    [['exe_open', 'exe_none'], 'RUN_NOT_FOUND', 4],
    [['exe_open', 'no run'], 'RUN_NOT_FOUND', 4],
    [['exe_open'], 'USAGE', 2],
  ])('refuses %j with %s', async (runs, code, exitCode) => {
    const refused = await runCli(engine, 'run', 'diff', ...runs, '--output', 'json');
    expect(refused.exitCode).toBe(exitCode);
    expect(refused.json()).toMatchObject({ error: { code } });
  });
});
