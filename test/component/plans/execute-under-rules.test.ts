import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { approvePlan } from '../../../client/engine/plans/approve-plan.ts';
import { planDigest } from '../../../client/engine/plans/digest.ts';
import { loadPlan } from '../../../client/engine/plans/load-plan.ts';
import { describePlan } from '../../../client/engine/plans/describe-plan.ts';
import { executePlan } from '../../../client/engine/runs/execute-plan.ts';
import type { RunInput } from '#domain/run/run-input.ts';
import { fleetPlan, openPlanningWorld, type PlanningWorld } from '../../support/plans/planning-world.ts';

let world: PlanningWorld;
let planId: string;
beforeAll(async () => {
  world = await openPlanningWorld();
  await world.firmware('1.0.0');
  await world.firmware('1.1.0');
  await world.devices(4);
});
afterAll(() => world.close());
beforeEach(async () => {
  await (await world.deps.database()).query('truncate plans, runs, configuration, environments cascade');
  await world.apply(`
environments: { production: { approval_required: true, approvals: { expires_in: 1h } } }
people: { ada: { roles: [approver] }, grace: { roles: [approver] } }`);
  planId = (await plan()).plan.planId;
});

const CANARY = { name: 'Rollout', firmware_version: '1.1.0', target_environment: 'production', strategy: 'canary' };
const plan = (over: object = {}) => world.plan({ ...CANARY, ...over });

/** What the run was started with; Temporal takes every start. */
async function execute(reason?: string): Promise<{ input: RunInput; notes: readonly string[] }> {
  const started: RunInput[] = [];
  const start = async (_workflow: string, { args }: { args: [RunInput] }) => void started.push(...args);
  const connection = { withDeadline: (_deadline: number, work: () => Promise<void>) => work() };
  const deps = { ...world.deps, database: () => world.deps.database(), settings: world.deps.settings };
  const temporal = async () => ({ workflow: { start }, connection }) as unknown as Client;
  const person = { name: 'lin', roles: [], verified: false };
  const { notes } = await executePlan({ ...deps, temporal, close: async () => undefined }, { planId, person, reason });
  const [input] = started;
  if (!input) throw new Error('nothing was started');
  return { input, notes };
}

let commands = 0;
const approve = (name: string) =>
  approvePlan(world.deps, {
    planId,
    digest: null,
    comment: 'looks right',
    commandId: `rules_${++commands}`,
    person: { name, roles: ['approver'], verified: false },
    via: 'cli',
  });

/** Everything that was decided so far was decided `hours` earlier. */
async function age(hours: number): Promise<void> {
  await (
    await world.deps.database()
  ).query(
    `update plan_approvals set decision = jsonb_set(decision, '{at}',
       to_jsonb(to_char((decision->>'at')::timestamptz at time zone 'UTC' - make_interval(hours => $1), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))`,
    [hours],
  );
}

describe('executing a plan that was approved before', () => {
  it('hands the approvals to the run as they were given', async () => {
    await approve('ada');
    const { input, notes } = await execute();
    expect(input.decisions).toMatchObject([
      { by: 'ada', comment: 'looks right', verified: false, roles: ['approver'] },
    ]);
    expect(notes).toEqual([]);
    expect(input.startedBy).toMatchObject({ by: 'lin', verified: false });
  });

  it('does not count a person who has the role no more, and says so', async () => {
    await approve('ada');
    await approve('grace');
    await world.apply('people: { ada: { roles: [reader] }, grace: { roles: [approver] } }');
    const { input, notes } = await execute();
    expect(input.decisions).toMatchObject([{ by: 'grace' }]);
    expect(notes).toEqual([
      expect.stringMatching(/^the approval of ada at .* does not count: ada does not have the role/),
    ]);
  });

  it('does not count one that is older than the approval may wait; the person may give it again', async () => {
    await approve('ada');
    await age(2);
    const before = await describePlan(world.deps, planId);
    expect(before.decisions).toMatchObject([{ lapsed: 'it was given more than 1 h ago' }]);
    expect(before.approval).toMatchObject({ tally: { kind: 'waiting', missing: 1 }, able: ['ada', 'grace'] });
    expect((await approve('ada')).tally).toMatchObject({ kind: 'approved' });
    expect((await execute()).input.decisions).toHaveLength(1);
  });
});

it('is not done for a reason that a terminal would obey', async () => {
  await expect(execute('soon\u001b[2J')).rejects.toMatchObject({ code: 'USAGE', report: { where: '--reason' } });
});

it('keeps names of devices out of the run’s history, and under the digest that it runs', async () => {
  const things = Array.from({ length: 60 }, (_wave, wave) =>
    Array.from({ length: 1_000 }, (_thing, at) => `named-${wave}-${at}`),
  );
  const waves = [{ devices: ['dev-0001', 'dev-0002'] }, ...things.map((devices) => ({ devices })), 100];
  const { plan: made, digest } = await plan({ waves });
  planId = made.planId;
  const { input } = await execute();
  const history = JSON.stringify(input);
  expect(history).not.toMatch(/named-|dev-0001/);
  expect(history.length).toBeLessThan(100_000);
  expect(input.plan.kind === 'fleet-rollout' && input.plan.waves.slice(0, 2)).toEqual([
    { kind: 'devices', named: 2 },
    { kind: 'devices', named: 1_000 },
  ]);
  const stored = await loadPlan(world.deps, planId);
  expect(fleetPlan(stored.plan).waves[1]).toEqual({ kind: 'devices', things: things[0] });
  expect([input.digest, stored.digest]).toEqual([digest, digest]);
  const swapped = made.waves.map((wave, at) => (at === 0 ? { kind: 'devices' as const, things: ['dev-0003'] } : wave));
  expect(planDigest({ ...made, waves: swapped })).not.toBe(digest);
});

describe('executing a plan whose rules were tightened since', () => {
  it.each([
    [
      'its environment',
      'environments: { production: { approval_required: true, approvals: { quorum: 2 } } }',
      /approvals\.quorum has to be at least 2/,
    ],
    [
      'the configuration',
      'quality_gates: { pre_deployment: [security_scan] }\ngates: { security_scan: { manual: true } }',
      /gate security_scan has to be/,
    ],
  ])('is refused with what changed in %s, and takes nothing', async (_what, yaml, change) => {
    await approve('ada');
    await world.apply(yaml);
    await expect(execute()).rejects.toMatchObject({
      code: 'PLAN_STALE',
      exitCode: 5,
      message: expect.stringMatching(change) as unknown,
      report: { hint: expect.stringContaining('sluice plan create') as unknown },
    });
    const { rows } = await (await world.deps.database()).query('select 1 from runs');
    expect(rows).toEqual([]);
    planId = (await plan()).plan.planId;
    expect((await execute()).input.plan.planId).toBe(planId);
  });
});
