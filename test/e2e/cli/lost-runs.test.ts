import { ulid } from 'ulid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { outgoingOf } from '#domain/journal/outgoing.ts';
import { readRunEvents } from '../../../activities/adapters/postgres/run-events.ts';
import { eventually } from '../../support/eventually.ts';
import { createEngineDeps } from '../../../client/engine/deps.ts';
import { commandRun } from '../../../client/engine/runs/command-run.ts';
import { reconcileRuns } from '../../../client/engine/runs/reconcile-journal.ts';
import { readSettings } from '../../../client/engine/settings.ts';
import { coordinatorIdOf } from '#domain/coordination/coordinator-input.ts';
import { coordinatorBooks } from '../../../workflows/environments/environment.messages.ts';
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
  await eventually(async () => expect(await steps()).toBe(2));
  return { planId, run };
}

async function story(run: string): Promise<string[]> {
  const { rows } = await world.pool.query<{ type: string }>(
    'select type from run_events where run_id = $1 order by seq',
    [run],
  );
  return rows.map(({ type }) => type);
}

async function acceptedCommands(run: string): Promise<string[]> {
  const { rows } = await world.pool.query<{ name: string }>(
    `select data->>'command' as name from run_events where run_id = $1 and type = 'command-accepted' order by seq`,
    [run],
  );
  return rows.map(({ name }) => name);
}

/** Resolves when the server has something for the run's workflow that nobody takes: a command has arrived. */
async function untilItWaitsForAWorker(run: string): Promise<void> {
  const client = await world.deps.temporal();
  await eventually(async () => {
    const { raw } = await client.workflow.getHandle(`fleet-rollout/${run}`).describe();
    expect(raw.pendingWorkflowTask).toBeTruthy();
  });
}

async function terminate(run: string): Promise<void> {
  const client = await world.deps.temporal();
  await client.workflow.getHandle(`fleet-rollout/${run}`).terminate('wrong plan');
}

async function insertRunRow(planId: string, ageS: number): Promise<string> {
  const run = `exe_${ulid()}`;
  await world.pool.query(
    `insert into runs (run_id, workflow_id, plan_id, environment, kind, phase, started_by, started_at)
     select $1, 'fleet-rollout/' || $1, plan_id, environment, 'fleet-rollout', 'queued', 'ada', now() - make_interval(secs => $3)
     from plans where plan_id = $2`,
    [run, planId, ageS],
  );
  return run;
}

/** One device for each name, offered the run's version, with this status; the new version of none is confirmed elsewhere. */
async function seedDevices(run: string, statuses: Readonly<Record<string, number>>): Promise<void> {
  const { rows } = await world.pool.query<{ seq: number }>(
    `insert into jobs (job_id, run_id, purpose, wave, version, document, in_progress_timeout_ms, confirm_within_ms, confirm)
     values ($1 || '-w1', $1, 'install', 1, '1.1.0', '{}', 1, 1, 'succeeded') returning seq`,
    [run],
  );
  for (const [name, code] of Object.entries(statuses)) {
    const thing = `${run}-${name}`;
    await world.pool.query(
      `insert into rollout_targets (run_id, thing, ord, wave, previous_firmware) values ($1, $2, 1, 1, '1.0.0')`,
      [run, thing],
    );
    await world.pool.query('insert into job_executions (thing, job_seq, shard, status) values ($1, $2, 0, $3)', [
      thing,
      rows[0]?.seq,
      code,
    ]);
  }
}

const FAIL_WORKFLOW_EXECUTION = 5;

/** A workflow of that id which fails at its first task: the test is its worker. */
async function failWorkflow(workflowId: string, message: string): Promise<void> {
  const { workflow, workflowService, connection, options } = await world.deps.temporal();
  const { namespace } = options;
  const taskQueue = `failing-${ulid()}`;
  await workflow.start('failing', { workflowId, taskQueue, args: [] });
  const { taskToken } = await connection.withDeadline(Date.now() + 30_000, () =>
    workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: { name: taskQueue } }),
  );
  const failure = { failWorkflowExecutionCommandAttributes: { failure: { message } } };
  const commands = [{ commandType: FAIL_WORKFLOW_EXECUTION, ...failure }];
  await workflowService.respondWorkflowTaskCompleted({ namespace, taskToken, commands });
}

const events = (run: string) => readRunEvents(world.pool, run, { afterSeq: 0, limit: 1_000 });

const status = (run: string) => world.json('deploy', 'status', '--execution-id', run);

describe('a run from before runs queued, whose starter died before the start', () => {
  async function leaveRow(ageS: number): Promise<{ planId: string; run: string }> {
    const planId = await world.plan({ steps: [offer(1)] });
    return { planId, run: await insertRunRow(planId, ageS) };
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

  it('names the devices that it left on the new version, or perhaps, and its way back that did not run', async () => {
    const { run } = await startBaking();
    await seedDevices(run, { queued: 0, started: 1, succeeded: 2, failed: 3, rejected: 5 });
    await terminate(run);
    await reconcileRuns(world.deps);
    const { rows } = await world.pool.query(
      'select thing, version, state from rollback_targets where run_id = $1 order by thing',
      [run],
    );
    expect(rows).toEqual([
      { thing: `${run}-failed`, version: '1.0.0', state: 'not-offered' },
      { thing: `${run}-started`, version: '1.0.0', state: 'unacknowledged' },
      { thing: `${run}-succeeded`, version: '1.0.0', state: 'not-offered' },
    ]);
    expect(await status(run)).toMatchObject({ status: 'failed', left: 3 });
    expect((await events(run)).slice(-2)).toMatchObject([
      { type: 'compensation-failed', data: { compensation: 'fleet', left: 3 } },
      { type: 'run-ended', summary: expect.stringContaining('3 devices are left') as string, data: { left: 3 } },
    ]);
  });

  it('is told to others as if it had told them itself, each entry once', async () => {
    const { run } = await startBaking();
    await terminate(run);
    const told = async () => {
      const sql = 'select seq, topic, payload from outbox where run_id = $1 order by seq';
      return (await world.pool.query<{ seq: number; topic: string; payload: object }>(sql, [run])).rows;
    };
    const before = await told();
    expect(before.length).toBeGreaterThan(0);
    // As if none of its batches had arrived but the first.
    await world.pool.query('delete from run_events where run_id = $1 and seq > 1', [run]);
    await world.pool.query('delete from outbox where run_id = $1 and seq > 1', [run]);
    await Promise.all([reconcileRuns(world.deps), reconcileRuns(world.deps)]);
    await reconcileRuns(world.deps);
    const all = outgoingOf(await events(run));
    expect(await told()).toEqual(all);
    expect(all.slice(0, before.length)).toEqual(before);
    expect(all.at(-1)?.topic).toBe('run-ended');
    expect((await events(run)).map(({ seq }) => seq)).toEqual((await story(run)).map((_type, index) => index + 1));
  });

  it('gives its environment back without a worker; its journal follows when there is one', async () => {
    const { planId, run } = await startBaking();
    await world.stopWorker();
    await terminate(run);
    const next = (await execute(planId))['execution_id'] as string;
    await reconcileRuns(world.deps);
    expect(await status(run)).toMatchObject({ status: 'failed' });
    expect(await story(run)).not.toContain('run-ended');
    await world.startWorker();
    await eventually(async () => expect(await story(next)).toContain('step-started'));
    await reconcileRuns(world.deps);
    expect((await story(run)).at(-1)).toBe('run-ended');
  });

  it('says why when its workflow failed', async () => {
    const planId = await world.plan({ steps: [offer(1)] });
    const run = await insertRunRow(planId, 0);
    await failWorkflow(`fleet-rollout/${run}`, 'no such strategy');
    const done = (await reconcileRuns(world.deps)).find((one) => one.run === run);
    expect(done).toMatchObject({ what: 'journal-pending', detail: 'its workflow failed: no such strategy' });
    expect(await status(run)).toMatchObject({ status: 'failed' });
  });

  it('is told from an open one: that keeps its environment', async () => {
    const { planId, run } = await startBaking();
    await reconcileRuns(world.deps);
    const next = (await execute(planId))['execution_id'] as string;
    const coordinator = async () => {
      const { environment } = (await world.json('deploy', 'status', '--execution-id', run)) as { environment?: string };
      return (await world.deps.temporal()).workflow.getHandle(coordinatorIdOf(environment ?? ''));
    };
    await eventually(async () => {
      const { holders, waiting } = await (await coordinator()).query(coordinatorBooks);
      expect([holders, waiting].map((all) => all.map((one) => one.run))).toEqual([[run], [next]]);
    });
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
    await untilItWaitsForAWorker(run);
    await world.killTemporal();
    await world.startTemporalAgain();
    await world.startWorker();
    expect((await command).view.state.phase).toBe('paused');
    // What is taken after it stands behind it: whatever was asked twice would stand there by then.
    await commandRun(world.deps, 'resumeRun', { run, person });
    const accepted = await eventually(async () => {
      const names = await acceptedCommands(run);
      expect(names).toContain('resumeRun');
      return names;
    });
    expect(accepted).toEqual(['pauseRun', 'resumeRun']);
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
