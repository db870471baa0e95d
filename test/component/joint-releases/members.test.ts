// What a release does with the runs of its members, on a real database: each call as often as one likes.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inTransaction } from '../../../activities/adapters/postgres/pool.ts';
import { closeRun, listRuns, readRun } from '../../../activities/adapters/postgres/runs.ts';
import {
  approveRelease,
  cancelRelease,
  rollBackRelease,
} from '../../../client/engine/joint-releases/command-joint-release.ts';
import { createJointRelease } from '../../../client/engine/joint-releases/create-joint-release.ts';
import { memberRuns } from '../../../client/engine/joint-releases/member-runs.ts';
import { executePlan } from '../../../client/engine/runs/execute-plan.ts';
import type { RunId } from '#domain/ids.ts';
import type { JointPlan } from '#domain/plan/joint-plan.ts';
import type { Phase } from '#domain/run/run-state.ts';
import type { RunView } from '#domain/run/run-view.ts';
import { ADA, CONFIGURATION, openReleaseWorld, type ReleaseWorld } from '../../support/containers/release-world.ts';

const partOf = { release: 'exe_release', name: 'v1', by: 'lin', verified: false };

let world: ReleaseWorld;
beforeAll(async () => {
  world = await openReleaseWorld();
  await world.applications(`
applications:
  api: { image: registry.test/api, port: 8080 }
  web: { image: registry.test/web, port: 8080, depends_on: [api] }
`);
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.configure(CONFIGURATION);
  world.started.length = 0;
  world.sent.length = 0;
});
afterEach(() => world.pool.query('update runs set closed = true, phase = $1 where not closed', ['completed']));

let names = 0;
async function create(over: object = {}): Promise<JointPlan> {
  names += 1;
  const applications = [
    { name: 'web', version: `2.${names}` },
    { name: 'api', version: `1.${names}` },
  ];
  const content = JSON.stringify({ name: `v${names}`, environment: 'production', applications, ...over });
  const file = { content, name: 'release.json' };
  return (await createJointRelease(world.deps, { file, environment: undefined, author: 'lin' })).plan;
}

const members = () => memberRuns(world.deps);
const start = (plan: JointPlan, run: string, at = 0) => {
  const { planId = 'plan_none', digest = '' } = plan.members[at] ?? {};
  return members().start({ run, planId, digest, partOf, priority: 'normal', decisions: [] });
};
const stop = (plan: JointPlan, run: string, at = 0) =>
  members().stop({ run, planId: plan.members[at]?.planId ?? '', partOf, reason: 'no', everyMs: 1 });

const close = (run: string, phase: Phase, view: object | null = {}): Promise<void> =>
  inTransaction(world.pool, (connection) =>
    closeRun(connection, run as RunId, {
      phase,
      at: new Date().toISOString(),
      view: view && ({ state: { phase }, ...view } as RunView),
    }),
  );

describe('starting a member', () => {
  it('starts an ordinary run with a place in the line, part of its release', async () => {
    const plan = await create();
    expect(await start(plan, 'exe_M1')).toEqual({ kind: 'started' });
    expect(world.started).toMatchObject([
      { type: 'deployApplication', workflowId: 'deployment/exe_M1', input: { place: { subject: 'api' } } },
    ]);
    const startedBy = { by: 'lin', via: 'engine', reason: 'release v1' };
    expect(world.started[0]?.input.startedBy).toMatchObject(startedBy);
    expect(await readRun(world.pool, 'exe_M1')).toMatchObject({ partOf: 'exe_release', closed: false });
  });

  it('again finds the run that it began', async () => {
    const plan = await create();
    await start(plan, 'exe_M2');
    await start(plan, 'exe_M2');
    const runs = await listRuns(world.pool, { environment: 'production', delivered: 'api', limit: 10 });
    expect(runs.filter(({ planId }) => planId === plan.members[0]?.planId)).toHaveLength(1);
    expect(new Set(world.started.map(({ workflowId }) => workflowId))).toEqual(new Set(['deployment/exe_M2']));
  });

  it('again does not take over from the very run that it began', async () => {
    const plan = await create({
      applications: [{ name: 'api', version: '1', config: { on_running: 'supersede' } }],
    });
    await start(plan, 'exe_M3');
    await start(plan, 'exe_M3');
    expect(world.sent).toEqual([]);
  });

  it('is refused with the reason when its plan is stale', async () => {
    const plan = await create();
    await world.configure('environments: { production: { target: docker, approval_required: true } }');
    expect(await start(plan, 'exe_M4')).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('approved') as string,
    });
    expect(await readRun(world.pool, 'exe_M4')).toBeNull();
  });

  it('is refused once the member was stopped before it began', async () => {
    const plan = await create();
    expect(await stop(plan, 'exe_M5')).toEqual({ kind: 'never-started' });
    expect(await start(plan, 'exe_M5')).toMatchObject({ kind: 'refused' });
    expect(world.started).toEqual([]);
    expect(await readRun(world.pool, 'exe_M5')).toMatchObject({ closed: true, phase: 'cancelled' });
  });
});

describe('stopping a member', () => {
  it('tells it once to take itself back, and waits for its end', async () => {
    const plan = await create();
    await start(plan, 'exe_S1');
    expect([await stop(plan, 'exe_S1'), await stop(plan, 'exe_S1')]).toEqual([null, null]);
    expect(new Set(world.sent.map(({ args }) => args.commandId)).size).toBe(1);
    expect(world.sent[0]).toMatchObject({ name: 'rollBackRun', args: { by: 'lin', via: 'engine' } });
    await close('exe_S1', 'rolled-back');
    expect(await stop(plan, 'exe_S1')).toEqual({
      kind: 'ended',
      end: { phase: 'rolled-back', reason: '', mayStand: false },
    });
  });

  it('says that something may stand of one that failed after it had begun', async () => {
    const plan = await create();
    await start(plan, 'exe_S2');
    await close('exe_S2', 'failed', { state: { phase: 'failed', reason: 'terminated' }, traffic: { release: 3 } });
    expect(await members().end('exe_S2')).toEqual({ phase: 'failed', reason: 'terminated', mayStand: true });
  });
});

describe('bringing back what a member replaced', () => {
  const back = (run: string, member: string) => members().bringBack({ run, member, partOf, reason: 'web failed' });
  const before = { release: 1, version: '1.0', instances: 1 };

  beforeAll(async () => {
    await world.configure(CONFIGURATION);
    const at = (version: string) => world.plan({ application: 'api', version, environment: 'production' });
    await world.release((await at('0.9')).plan, 1);
    await world.release((await at('0.9.1')).plan, 2);
  });

  it('starts one run of its own, before everything that waits', async () => {
    await start(await create(), 'exe_B1');
    await close('exe_B1', 'completed', { traffic: { release: 2, before: { ...before, version: '0.9' } } });
    world.started.length = 0;
    expect(await back('exe_B1X', 'exe_B1')).toEqual({ kind: 'started', version: '0.9' });
    expect(await back('exe_B1X', 'exe_B1')).toEqual({ kind: 'started', version: '0.9' });
    const [first] = world.started;
    expect(first?.input).toMatchObject({
      run: 'exe_B1X',
      place: { priority: 'rollback', subject: 'api' },
      plan: {
        planId: 'plan_B1X',
        application: { version: '0.9' },
        description: 'release v1 is taken back: web failed',
      },
    });
    expect(new Set(world.started.map(({ workflowId }) => workflowId)).size).toBe(1);
  });

  it('is impossible where nothing was in use, and not needed where somebody came since', async () => {
    await start(await create(), 'exe_B2');
    await close('exe_B2', 'completed', { traffic: { release: 2, before: null } });
    expect(await back('exe_B2X', 'exe_B2')).toEqual({ kind: 'impossible', why: 'nothing was in use before it' });
    await start(await create(), 'exe_B3');
    await close('exe_B3', 'completed', { traffic: { release: 1, before: { ...before, release: 0 } } });
    expect(await back('exe_B3X', 'exe_B3')).toEqual({
      kind: 'not-needed',
      why: '0.9.1 (release 2) is in use since, and is left alone',
    });
  });
});

describe('a release', () => {
  const execute = (plan: JointPlan) => executePlan(world.deps, { planId: plan.planId, person: ADA });

  it('is started once at a time, as a run without a place of its own', async () => {
    const plan = await create();
    const { run, workflowId } = await execute(plan);
    expect(workflowId).toBe(`release/${run}`);
    expect(world.started[0]).toMatchObject({ type: 'rollOutRelease', input: { plan: { kind: 'joint-release' } } });
    expect(world.started[0]?.input.place).toBeUndefined();
    expect(await readRun(world.pool, run)).toMatchObject({ subject: { kind: 'release', version: '2 applications' } });
    await expect(execute(plan)).rejects.toMatchObject({ code: 'DEPLOYMENT_IN_PROGRESS' });
  });

  it('is held by the maintenance window', async () => {
    const hour = new Date(Date.now() + 7_200_000).toISOString().slice(11, 13);
    await world.configure(`release: { scheduling: { maintenance_window: '${hour}:00-${hour}:30' } }`);
    const { hold } = await execute(await create());
    await world.configure('release: {}');
    expect(hold).toMatchObject({ heldBy: 'window', windows: ['maintenance_window'] });
  });

  it('is refused when releases have to be approved since', async () => {
    const plan = await create();
    await world.configure('release: { planning: { approval_required: true } }');
    await expect(execute(plan)).rejects.toMatchObject({ code: 'PLAN_STALE' });
    const approved = await create();
    const wish = { release: approved.planId, comment: '', digest: null, commandId: 'c-1', person: ADA };
    expect(await approveRelease(world.deps, wish)).toMatchObject({
      kind: 'kept',
      approved: { tally: { kind: 'approved' } },
    });
    await execute(approved);
    await world.configure('release: {}');
    expect(world.started.at(-1)?.input.decisions).toMatchObject([{ by: 'ada', decision: 'approve' }]);
  });

  it('that is called off cannot be started any more', async () => {
    const plan = await create();
    const wish = { release: plan.planId, person: ADA, reason: 'not now' };
    expect(await cancelRelease(world.deps, wish)).toMatchObject({ kind: 'called-off' });
    await expect(execute(plan)).rejects.toMatchObject({ code: 'RELEASE_CALLED_OFF' });
    await expect(cancelRelease(world.deps, wish)).rejects.toMatchObject({ code: 'RELEASE_CALLED_OFF' });
  });

  it('that was not started cannot be taken back', async () => {
    const plan = await create();
    const wish = { release: plan.planId, person: ADA, reason: 'bad' };
    await expect(rollBackRelease(world.deps, wish)).rejects.toMatchObject({ code: 'JOINT_RELEASE_NOT_STARTED' });
    await expect(cancelRelease(world.deps, { ...wish, reason: ' ' })).rejects.toMatchObject({
      code: 'REASON_REQUIRED',
    });
  });

  it('that completed is taken back by a release of its own, the last application first', async () => {
    const plan = await create();
    const { run } = await execute(plan);
    const release = (application: string) => ({
      application,
      version: '1',
      wave: 1,
      state: 'completed',
      back: null,
      detail: '',
    });
    await start(plan, 'exe_R1');
    await close('exe_R1', 'completed', {
      traffic: { release: 2, before: { release: 1, version: '0.9', instances: 1 } },
    });
    await close(run, 'completed', {
      members: [
        { ...release('api'), run: 'exe_R1' },
        { ...release('web'), run: null },
      ],
    });
    world.started.length = 0;
    const done = await rollBackRelease(world.deps, { release: plan.planId, person: ADA, reason: 'bad' });
    expect(done).toMatchObject({ kind: 'started', notes: [expect.stringContaining('web') as string] });
    expect(world.started[0]?.input.plan).toMatchObject({
      kind: 'joint-release',
      isWayBack: true,
      release: { name: `${plan.release.name}-back` },
      members: [{ application: 'api', version: '0.9', wave: 1 }],
    });
  });

  it('that completed and cannot be taken back says why', async () => {
    const plan = await create();
    const { run } = await execute(plan);
    await close(run, 'completed', { members: [] });
    const wish = { release: plan.planId, person: ADA, reason: 'bad' };
    await expect(rollBackRelease(world.deps, wish)).rejects.toMatchObject({ code: 'JOINT_RELEASE_NO_WAY_BACK' });
  });
});
