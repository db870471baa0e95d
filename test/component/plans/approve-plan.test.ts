import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { approvePlan, type ApprovePlanInput } from '../../../client/engine/plans/approve-plan.ts';
import { describePlan } from '../../../client/engine/plans/describe-plan.ts';
import { listPlanDecisions } from '../../../client/engine/plans/load-plan.ts';
import type { PlanId } from '#domain/ids.ts';
import { openPlanningWorld, type PlanningWorld } from '../../support/plans/planning-world.ts';

let world: PlanningWorld;
let planId: PlanId;
let digest: string;
beforeAll(async () => {
  world = await openPlanningWorld();
  await world.firmware('1.0.0');
  await world.firmware('1.1.0');
  await world.devices(4);
});
afterAll(() => world.close());
beforeEach(async () => {
  await (await world.deps.database()).query('truncate plans, runs cascade');
  await world.apply(
    'environments: { production: { approval_required: true, approvals: { quorum: 2 } }, staging: {} }\npeople: { ada: { roles: [approver] }, grace: { roles: [approver] }, lin: { roles: [approver] } }',
  );
  const made = await world.plan(planFor('production'));
  planId = made.plan.planId;
  digest = made.digest;
});

const planFor = (environment: string) => ({
  name: 'Rollout',
  firmware_version: '1.1.0',
  target_environment: environment,
  strategy: 'immediate',
});

let commands = 0;
const approve = (name: string, over: Partial<ApprovePlanInput> = {}) =>
  approvePlan(world.deps, {
    planId,
    digest: null,
    comment: 'looks right',
    commandId: `test_${++commands}`,
    person: { name, roles: ['approver'], verified: false },
    via: 'cli',
    ...over,
  });

describe('approving a plan', () => {
  it('is kept with who, when, why and the digest it is for, until enough have', async () => {
    expect((await approve('ada', { digest })).tally).toEqual({ kind: 'waiting', missing: 1 });
    expect((await approve('grace')).tally).toEqual({ kind: 'approved', by: ['ada', 'grace'] });
    expect(await listPlanDecisions(world.deps, planId)).toMatchObject([
      {
        by: 'ada',
        via: 'cli',
        roles: ['approver'],
        verified: false,
        decision: 'approve',
        digest,
        comment: 'looks right',
      },
      { by: 'grace', digest },
    ]);
  });

  it.each([
    ['the author', () => approve('lin'), 'APPROVAL_BY_AUTHOR'],
    [
      'somebody without the role',
      () => approve('eve', { person: { name: 'eve', roles: ['reader'], verified: false } }),
      'APPROVAL_ROLE_MISSING',
    ],
    ['somebody whose comment a terminal would obey', () => approve('ada', { comment: 'ok\u001b[1A' }), 'USAGE'],
    ['somebody with a book for a comment', () => approve('ada', { comment: 'x'.repeat(2_001) }), 'USAGE'],
    ['somebody who saw another plan', () => approve('ada', { digest: '0'.repeat(64) }), 'APPROVAL_DIGEST_MISMATCH'],
    ['somebody who names too little of the digest', () => approve('ada', { digest: digest.slice(0, 7) }), 'USAGE'],
    ['anybody for a plan that does not exist', () => approve('ada', { planId: 'plan_none' }), 'PLAN_NOT_FOUND'],
  ])('is refused to %s', async (_who, attempt, code) => {
    await expect(attempt()).rejects.toMatchObject({ code });
    expect(await listPlanDecisions(world.deps, planId)).toEqual([]);
  });

  it('may name the digest by its first eight or more characters', async () => {
    expect((await approve('ada', { digest: digest.slice(0, 8) })).decision.digest).toBe(digest);
    expect((await approve('grace', { digest: `${digest.slice(0, 12).toUpperCase()}…` })).decision.digest).toBe(digest);
  });

  it('shows both digests where they differ, however late', async () => {
    const other = `${digest.slice(0, 20)}${digest[20] === '0' ? '1' : '0'}`;
    await expect(approve('ada', { digest: other })).rejects.toMatchObject({
      code: 'APPROVAL_DIGEST_MISMATCH',
      message: expect.stringMatching(new RegExp(`${other}\\b.*${digest.slice(0, 21)}`)) as unknown,
    });
  });

  it('counts once a person, even when they ask twice at the same time', async () => {
    const both = await Promise.allSettled([approve('ada'), approve('ada')]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(approve('ada')).rejects.toMatchObject({ code: 'APPROVAL_ALREADY_GIVEN' });
    expect(await listPlanDecisions(world.deps, planId)).toHaveLength(1);
  });

  it('is the same approval under the same command, also after a run began', async () => {
    const first = await approve('ada', { commandId: 'again' });
    await openRun();
    expect(await approve('ada', { commandId: 'again' })).toEqual(first);
    expect(await listPlanDecisions(world.deps, planId)).toHaveLength(1);
  });

  it('is refused beside an open run, which takes approvals itself', async () => {
    await openRun();
    await expect(approve('ada')).rejects.toMatchObject({
      code: 'PLAN_RUN_OPEN',
      report: { hint: 'sluice approve exe_1' },
    });
  });

  it('is refused where nobody has to approve', async () => {
    const { plan } = await world.plan(planFor('staging'));
    await expect(approve('ada', { planId: plan.planId })).rejects.toMatchObject({ code: 'PLAN_NEEDS_NO_APPROVAL' });
  });
});

it('a described plan names who may still approve, and how long earlier runs took', async () => {
  const { rows } = await (await world.deps.database()).query('select count(*) from runs');
  expect(rows).toEqual([{ count: 0 }]);
  await approve('ada');
  const before = await describePlan(world.deps, planId);
  expect(before.approval).toMatchObject({ able: ['grace'], tally: { kind: 'waiting', missing: 1 } });
  expect(before.earlier).toBeNull();
  for (const [run, minutes] of [
    ['exe_a', 10],
    ['exe_b', 20],
    ['exe_c', 60],
  ] as const)
    await completedRun(run, minutes);
  expect((await describePlan(world.deps, planId)).earlier).toEqual({ runs: 3, medianMs: 1_200_000 });
});

async function openRun(): Promise<void> {
  await (
    await world.deps.database()
  ).query(
    `insert into runs (run_id, workflow_id, plan_id, environment, kind, phase, started_by)
     values ('exe_1', 'fleet-rollout/exe_1', $1, 'production', 'fleet-rollout', 'running', 'lin')`,
    [planId],
  );
}

async function completedRun(run: string, minutes: number): Promise<void> {
  await (
    await world.deps.database()
  ).query(
    `insert into runs (run_id, workflow_id, plan_id, environment, kind, phase, closed, started_by, started_at, completed_at)
     values ($1, $1, $2, 'production', 'fleet-rollout', 'completed', true, 'lin', now(), now() + make_interval(mins => $3))`,
    [run, planId, minutes],
  );
}
