import type { EmergencyInput } from '#domain/emergency/emergency.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { insertEmergency, markEnded } from '../../../activities/adapters/postgres/emergencies.ts';
import { inTransaction } from '../../../activities/adapters/postgres/pool.ts';
import { closeRun, readRun } from '../../../activities/adapters/postgres/runs.ts';
import { rollBackApplication } from '../../../client/engine/releases/roll-back-application.ts';
import { executePlan } from '../../../client/engine/runs/execute-plan.ts';
import { reportIssue } from '../../../client/engine/runs/report-issue.ts';
import { loadPlan } from '../../../client/engine/plans/load-plan.ts';
import type { RunId } from '#domain/ids.ts';
import {
  ADA,
  CONFIGURATION,
  containerPlan,
  openReleaseWorld,
  SHOP,
  type ReleaseWorld,
} from '../../support/containers/release-world.ts';

let world: ReleaseWorld;
beforeAll(async () => {
  world = await openReleaseWorld();
  await world.applications(SHOP);
  await world.applications('applications: { stock: { image: registry.test/stock, port: 8080 } }');
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.configure(CONFIGURATION);
  world.started.length = 0;
  world.sent.length = 0;
});
afterEach(async () => {
  world.onCommand = async () => undefined;
  await world.pool.query('update runs set closed = true, phase = $1', ['completed']);
});

const EMERGENCY: EmergencyInput = {
  schema: 1,
  id: 'emg_1',
  environment: 'production',
  to: null,
  startedBy: { by: 'ada', via: 'cli', verified: false, reason: 'it burns' },
  queue: 'sluice-emergency',
  patienceMs: 1_000,
  giveUpAfterMs: 1_000,
};

const release = (version: string, over: { application?: string; config?: object } = {}) =>
  world.plan({ application: 'shop', version, environment: 'production', ...over });

async function execute(version: string, over: { application?: string; config?: object } = {}) {
  const { plan } = await release(version, over);
  return executePlan(world.deps, { planId: plan.planId, person: ADA });
}

const close = (run: string, phase: 'cancelled' | 'completed'): Promise<void> =>
  inTransaction(world.pool, (connection) =>
    closeRun(connection, run as RunId, { phase, at: new Date().toISOString(), view: null }),
  );

describe('executing a plan for containers', () => {
  it('starts the workflow of releases, on the queue that the worker for containers takes', async () => {
    const { run, workflowId } = await execute('1.0.0');
    expect(workflowId).toBe(`deployment/${run}`);
    expect(world.started).toMatchObject([
      {
        type: 'deployApplication',
        workflowId,
        input: { run, plan: { kind: 'container-release' }, queues: { docker: 'sluice-docker' } },
      },
    ]);
    const row = await readRun(world.pool, run);
    expect(row).toMatchObject({
      kind: 'container-release',
      subject: { kind: 'application', name: 'shop', version: '1.0.0' },
    });
  });

  it('wants a place in the line of its environment, behind every earlier start', async () => {
    await world.configure(`environments: { production: { target: docker, max_concurrent_deployments: 3 } }`);
    await execute('1.0.0');
    await execute('1', { application: 'stock' });
    await execute('1.1.0');
    const places = world.started.map(({ input }) => input.place);
    expect(places).toMatchObject([
      { environment: 'production', subject: 'shop', priority: 'normal', maximum: 3 },
      { environment: 'production', subject: 'stock', priority: 'normal', maximum: 3 },
      { environment: 'production', subject: 'shop', priority: 'normal', maximum: 3 },
    ]);
    const tickets = places.map((place) => place?.ticket ?? 0);
    expect(tickets).toEqual([...new Set(tickets)].sort((one, other) => one - other));
  });

  it('is refused behind another run of its application where its plan does not let it wait', async () => {
    const { run } = await execute('1.0.0');
    const config = { on_running: 'refuse' };
    await expect(execute('1.1.0', { config })).rejects.toMatchObject({
      code: 'DEPLOYMENT_IN_PROGRESS',
      message: expect.stringContaining(`production (application shop) is held by ${run}`) as unknown,
    });
    await expect(execute('1', { application: 'stock', config })).resolves.toMatchObject({ environment: 'production' });
  });

  it('has at most five under way where nothing else is configured', async () => {
    await execute('1.0.0');
    expect(world.started[0]?.input.place).toMatchObject({ maximum: 5 });
  });

  it('takes over from the run of an older version where its plan says so', async () => {
    const { run: older } = await execute('1.0.0');
    const { run, planId } = await execute('1.1.0', { config: { on_running: 'supersede' } });
    expect(world.sent).toMatchObject([
      {
        workflowId: `deployment/${older}`,
        name: 'cancelRun',
        args: { by: 'ada', reason: `superseded by plan ${planId}` },
      },
    ]);
    expect(world.started.map(({ input }) => input.run)).toEqual([older, run]);
  });

  it('takes over from nobody while its environment is taken back', async () => {
    await execute('1.0.0');
    await inTransaction(world.pool, (connection) => insertEmergency(connection, EMERGENCY));
    const late = execute('1.1.0', { config: { on_running: 'supersede' } });
    await expect(late).rejects.toMatchObject({ code: 'EMERGENCY_OPEN' });
    expect(world.sent).toEqual([]);
    await markEnded(world.pool, EMERGENCY.id, new Date().toISOString());
  });

  it('is refused when its environment asks for approvals since', async () => {
    const { plan } = await release('1.1.0');
    await world.configure('environments: { production: { target: docker, approval_required: true } }');
    const late = executePlan(world.deps, { planId: plan.planId, person: ADA });
    await expect(late).rejects.toMatchObject({
      code: 'PLAN_STALE',
      message: expect.stringContaining('approved') as unknown,
    });
    await world.configure('environments: { production: { target: fleet } }');
    const other = executePlan(world.deps, { planId: plan.planId, person: ADA });
    await expect(other).rejects.toMatchObject({ code: 'PLAN_TARGET_MISMATCH' });
  });
});

describe('a plan made before the release that serves now', () => {
  it('is refused when it would skip its strategy, and else told what a rollback returns to', async () => {
    await world.configure('environments: { later: { target: docker } }');
    const at = (version: string) => world.plan({ application: 'stock', version, environment: 'later' });
    const [first, second] = [await at('1'), await at('2')];
    await world.release(first.plan, 1);
    const outdated = executePlan(world.deps, { planId: second.plan.planId, person: ADA });
    await expect(outdated).rejects.toMatchObject({ code: 'RELEASE_OUTDATED' });
    const third = await at('3');
    await world.release(second.plan, 2);
    const { notes } = await executePlan(world.deps, { planId: third.plan.planId, person: ADA });
    expect(notes).toEqual([expect.stringContaining('2 (release 2) serves by now, where the plan saw 1 (release 1)')]);
  });
});

describe('going back to an earlier release', () => {
  const wish = { application: 'shop', environment: 'production', to: undefined, reason: 'too slow', person: ADA };

  beforeAll(async () => {
    await world.configure(CONFIGURATION);
    for (const [number, version] of [
      [1, '0.9.0'],
      [2, '1.0.0'],
      [3, '1.1.0'],
    ] as const) {
      await world.release((await release(version)).plan, number);
    }
  });

  it('starts a run to the version before, exactly as it was planned, at once and without approval', async () => {
    const closed = 'deployment_window: { start_time: "00:00", end_time: "00:01" }';
    await world.configure(`environments: { production: { target: docker, approval_required: true, ${closed} } }`);
    const done = await rollBackApplication(world.deps, wish);
    if (done.kind !== 'started') throw new Error('no run was started');
    const plan = containerPlan((await loadPlan(world.deps, done.started.planId)).plan);
    expect(plan).toMatchObject({
      name: 'shop back to 1.0.0 (release 2) in production',
      description: 'too slow',
      present: { release: 3 },
    });
    expect(world.started[0]?.input.place).toMatchObject({ subject: 'shop', priority: 'rollback' });
    expect(plan.application).toEqual(done.target.spec);
    expect(plan.strategy.kind).toBe('blue_green');
    expect(plan.steps.map(({ id }) => id)).toEqual(['pull', 'stage', 'verify', 'shift', 'retire']);
    expect(world.started).toHaveLength(1);
    // A way back waits for no window.
    expect(world.started[0]?.input).not.toHaveProperty('windows');
  });

  it.each([
    ['0.9.0', 1],
    ['1', 1],
    ['2', 2],
  ])('finds the release that is meant by %s', async (to, number) => {
    const done = await rollBackApplication(world.deps, { ...wish, to });
    expect(done).toMatchObject({ kind: 'started', target: { release: number } });
  });

  it.each([
    ['what is in use', { to: '1.1.0' }, 'ROLLBACK_NOOP'],
    ['what nobody kept', { to: '0.1.0' }, 'RELEASE_UNKNOWN'],
    ['an application without any release', { application: 'stock' }, 'RELEASE_UNKNOWN'],
    ['no reason', { reason: ' ' }, 'REASON_REQUIRED'],
    ['an environment for devices', { environment: 'field' }, 'PLAN_TARGET_MISMATCH'],
  ])('is refused for %s', async (_what, over, code) => {
    await expect(rollBackApplication(world.deps, { ...wish, ...over })).rejects.toMatchObject({ code });
    expect(world.started).toEqual([]);
  });

  it('tells the run that has begun, not one that was started before and waits', async () => {
    await execute('1.2.0');
    const { run } = await execute('1.3.0');
    const view = { traffic: { release: 9, before: null } };
    await world.pool.query('update runs set view = $2 where run_id = $1', [run, JSON.stringify(view)]);
    expect(await rollBackApplication(world.deps, wish)).toMatchObject({ kind: 'told' });
    expect(world.sent).toMatchObject([{ workflowId: `deployment/${run}`, name: 'rollBackRun' }]);
  });

  it('starts a run of its own where the open ones only wait', async () => {
    const { run } = await execute('1.2.0');
    const view = { state: { phase: 'awaiting-approval' }, traffic: { release: null } };
    await world.pool.query('update runs set view = $2 where run_id = $1', [run, JSON.stringify(view)]);
    expect(await rollBackApplication(world.deps, wish)).toMatchObject({ kind: 'started' });
    expect(world.started.at(-1)?.input.place).toMatchObject({ priority: 'rollback' });
  });

  it('is neither cancelled by a newer version that takes over nor turned round by being asked for again', async () => {
    const done = await rollBackApplication(world.deps, wish);
    const run = done.kind === 'started' ? done.started.run : '';
    const view = { traffic: { release: 9, before: { release: 3, version: '1.1.0' } } };
    await world.pool.query('update runs set view = $2 where run_id = $1', [run, JSON.stringify(view)]);
    await execute('1.2.0', { config: { on_running: 'supersede' } });
    await expect(rollBackApplication(world.deps, wish)).rejects.toMatchObject({ code: 'DEPLOYMENT_IN_PROGRESS' });
    expect(world.sent).toEqual([]);
  });

  it('tells the open run of the application to go back', async () => {
    const { run } = await execute('1.2.0');
    world.started.length = 0;
    expect(await rollBackApplication(world.deps, wish)).toMatchObject({ kind: 'told' });
    expect(world.sent).toMatchObject([
      { workflowId: `deployment/${run}`, name: 'rollBackRun', args: { reason: 'too slow' } },
    ]);
    const elsewhere = rollBackApplication(world.deps, { ...wish, to: '0.9.0' });
    await expect(elsewhere).rejects.toMatchObject({ code: 'DEPLOYMENT_IN_PROGRESS' });
    expect(world.started).toEqual([]);
  });
});

describe('reporting an issue', () => {
  it('counts what people say of an open run', async () => {
    const { run } = await execute('1.3.0');
    await reportIssue(world.deps, { run, summary: 'the cart is empty', person: ADA });
    const { reports } = await reportIssue(world.deps, { run: `deployment/${run}`, summary: 'again', person: ADA });
    expect(reports.map(({ summary, by }) => `${by}: ${summary}`)).toEqual(['ada: the cart is empty', 'ada: again']);
    await close(run, 'completed');
    await expect(reportIssue(world.deps, { run, summary: 'late', person: ADA })).rejects.toMatchObject({
      code: 'RUN_ALREADY_CLOSED',
    });
  });

  it('needs words', async () => {
    const nothing = reportIssue(world.deps, { run: 'exe_1', summary: ' ', person: ADA });
    await expect(nothing).rejects.toMatchObject({ code: 'USAGE' });
  });
});
