import { ulid } from 'ulid';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEngineDeps } from '../../../client/engine/deps.ts';
import { commandRun } from '../../../client/engine/runs/command-run.ts';
import { reconcileRuns } from '../../../client/engine/runs/reconcile-journal.ts';
import { readSettings } from '../../../client/engine/settings.ts';
import { approve, bake, HOUR_MS, offer } from '../../support/runs/plan-builder.ts';
import { openCliWorld, type CliWorld } from './cli-world.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await openCliWorld();
});
afterAll(() => world.close());
beforeEach(() => world.startWorker());

const BAKING = { steps: [offer(1), bake(1, HOUR_MS), offer(2)] };

const execute = (planId: string) => world.json('deploy', 'execute', '--plan-id', planId);

async function startBaking(): Promise<{ planId: string; run: string }> {
  const planId = await world.plan(BAKING);
  const run = (await execute(planId))['execution_id'] as string;
  const steps = async (): Promise<number> => (await story(run)).filter((type) => type === 'step-started').length;
  // The wave and its bake: what comes now stands still.
  await vi.waitFor(async () => expect(await steps()).toBe(2), { timeout: 20_000, interval: 50 });
  return { planId, run };
}

async function story(run: string): Promise<string[]> {
  const { rows } = await world.pool.query<{ type: string }>(
    'select type from run_events where run_id = $1 order by seq',
    [run],
  );
  return rows.map(({ type }) => type);
}

async function terminate(run: string): Promise<void> {
  const client = await world.deps.temporal();
  await client.workflow.getHandle(`fleet-rollout/${run}`).terminate('wrong plan');
}

const status = (run: string) => world.json('deploy', 'status', '--execution-id', run);

describe('a run whose starter died before the start', () => {
  async function leaveRow(ageS: number): Promise<{ planId: string; run: string }> {
    const planId = await world.plan({ steps: [offer(1)] });
    const run = `exe_${ulid()}`;
    await world.pool.query(
      `insert into runs (run_id, workflow_id, plan_id, environment, kind, phase, started_by, started_at)
       select $1, 'fleet-rollout/' || $1, plan_id, environment, 'fleet-rollout', 'queued', 'ada', now() - make_interval(secs => $3)
       from plans where plan_id = $2`,
      [run, planId, ageS],
    );
    return { planId, run };
  }

  it('keeps its environment while the start may still come', async () => {
    const { planId, run } = await leaveRow(5);
    const { error } = await execute(planId);
    expect(error).toMatchObject({ code: 'DEPLOYMENT_IN_PROGRESS', message: expect.stringContaining(run) as string });
  });

  it('gives its environment to the next run when it surely never will', async () => {
    const { planId, run } = await leaveRow(40);
    expect(await execute(planId)).toMatchObject({ status: 'queued' });
    expect(await status(run)).toMatchObject({ status: 'failed', completed_at: expect.any(String) as string });
  });

  it('is closed by the reconciler, with the reason in its journal, and only once', async () => {
    const { run } = await leaveRow(40);
    expect(await reconcileRuns(world.deps)).toContainEqual({ run, what: 'closed', detail: 'never started' });
    expect(await story(run)).toEqual(['run-ended']);
    expect((await reconcileRuns(world.deps)).map((one) => one.run)).not.toContain(run);
  });
});

describe('a terminated run', () => {
  it('is failed, its journal complete, and no further device begins', async () => {
    const { run } = await startBaking();
    await world.pool.query(
      `insert into jobs (job_id, run_id, purpose, wave, version, document, in_progress_timeout_ms, confirm_within_ms, confirm)
       values ($1 || '-w1', $1, 'install', 1, '1', '{}', 1, 1, 'succeeded'), ($1 || '-b1', $1, 'way-back', null, '0', '{}', 1, 1, 'succeeded')`,
      [run],
    );
    await terminate(run);
    const done = (await reconcileRuns(world.deps)).find((one) => one.run === run);
    expect(done).toMatchObject({
      what: 'closed',
      detail: expect.stringMatching(/^terminated by .+: wrong plan$/) as string,
    });
    expect(await status(run)).toMatchObject({ status: 'failed', reason: done?.detail });
    expect((await story(run)).at(-1)).toBe('run-ended');
    const { rows } = await world.pool.query('select purpose, status from jobs where run_id = $1 order by purpose', [
      run,
    ]);
    expect(rows).toEqual([
      { purpose: 'install', status: 'held' },
      { purpose: 'way-back', status: 'open' },
    ]);
    const watched = await world.sluice('run', 'watch', run);
    expect(watched.exitCode).toBe(7);
  });

  it('gives its environment back without a worker; its journal follows when there is one', async () => {
    const { planId, run } = await startBaking();
    await world.stopWorker();
    await terminate(run);
    expect(await execute(planId)).toMatchObject({ status: 'queued' });
    expect(await status(run)).toMatchObject({ status: 'failed' });
    expect(await story(run)).not.toContain('run-ended');
    await world.startWorker();
    await reconcileRuns(world.deps);
    expect((await story(run)).at(-1)).toBe('run-ended');
  });

  it('is told from an open one: that keeps its environment', async () => {
    const { planId } = await startBaking();
    await reconcileRuns(world.deps);
    expect((await execute(planId)).error?.code).toBe('DEPLOYMENT_IN_PROGRESS');
  });
});

describe('a command to a run without a worker', () => {
  it('is taken when a worker comes back in time', async () => {
    const { run } = await startBaking();
    await world.stopWorker();
    const command = world.sluice('deploy', 'rollback', '--execution-id', run, '--reason', 'late');
    await world.startWorker();
    expect(await command).toMatchObject({ exitCode: 0 });
  });

  it('is answered although Temporal itself was killed meanwhile, and took effect once', async () => {
    const { run } = await startBaking();
    await world.stopWorker();
    const person = { name: 'ada', roles: [], verified: false };
    // Connected before: the kill falls into the command, not into the connecting.
    await world.deps.temporal();
    const command = commandRun(world.deps, 'pauseRun', { run, person });
    await world.killTemporal();
    await world.startTemporalAgain();
    await world.startWorker();
    expect((await command).view.state.phase).toBe('paused');
    await vi.waitFor(async () => {
      expect((await story(run)).filter((type) => type === 'command-accepted')).toHaveLength(1);
    });
  });

  it('says that nobody answered when none does', async () => {
    const { run } = await startBaking();
    await world.stopWorker();
    const impatient = createEngineDeps({ ...readSettings(world.env), waitForPartMs: 1_500 });
    const person = { name: 'ada', roles: [], verified: false };
    await expect(commandRun(impatient, 'pauseRun', { run, person })).rejects.toMatchObject({
      code: 'COMMAND_UNANSWERED',
      exitCode: 6,
    });
    await impatient.close();
  });
});

describe('decisions on a plan before its run', () => {
  it('count for its first approval', async () => {
    const planId = await world.plan({ steps: [approve(), offer(1)] });
    expect((await world.json('plan', 'approve', '--plan-id', planId)).error).toBeUndefined();
    const run = await world.json('deploy', 'execute', '--watch', '--plan-id', planId);
    expect(run).toMatchObject({ status: 'completed' });
  });
});
