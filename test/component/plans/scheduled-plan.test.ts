// Plans with a time of their own, and what their runs are started with.
import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { renderPlan } from '../../../client/cli/render/plan.ts';
import { planDigest } from '../../../client/engine/plans/digest.ts';
import { describePlan } from '../../../client/engine/plans/describe-plan.ts';
import { executePlan } from '../../../client/engine/runs/execute-plan.ts';
import type { RunInput } from '#domain/run/run-input.ts';
import { DAY_MS } from '../../support/runs/plan-builder.ts';
import { openPlanningWorld, type PlanningWorld } from '../../support/plans/planning-world.ts';
import { NEVER } from '../../support/windows/coming-windows.ts';

let world: PlanningWorld;
beforeAll(async () => {
  world = await openPlanningWorld();
  for (const version of ['1.0.0', '1.1.0']) await world.firmware(version);
  await world.devices(4);
});
afterAll(() => world.close());
beforeEach(async () => {
  await (await world.deps.database()).query('truncate plans, runs, configuration, environments cascade');
  await world.apply('environments: { production: {} }');
});

const CANARY = { name: 'Rollout', firmware_version: '1.1.0', target_environment: 'production', strategy: 'canary' };
const TOMORROW = new Date(Math.ceil(Date.now() / 60_000) * 60_000 + DAY_MS).toISOString();
const plan = (schedule?: object) => world.plan({ ...CANARY, ...(schedule && { schedule }) });

/** What the run of a plan was started with; Temporal takes every start. */
async function execute(planId: string, at?: string) {
  const started: RunInput[] = [];
  const start = async (_workflow: string, { args }: { args: [RunInput] }) => void started.push(...args);
  const connection = { withDeadline: (_deadline: number, work: () => Promise<void>) => work() };
  const temporal = async () => ({ workflow: { start }, connection }) as unknown as Client;
  const deps = { ...world.deps, database: () => world.deps.database(), settings: world.deps.settings, temporal };
  const person = { name: 'lin', roles: [], verified: false };
  const { run, hold, notes } = await executePlan({ ...deps, close: async () => undefined }, { planId, at, person });
  return { run, hold, notes, input: started[0] };
}

describe('a plan with a schedule', () => {
  it('keeps it under its digest, shows it, and gives it to its run', async () => {
    const { plan: made, digest } = await plan({ start_time: TOMORROW, duration: '1h' });
    expect(made.schedule).toEqual({ startAt: TOMORROW, durationMs: 3_600_000 });
    expect(planDigest({ ...made, schedule: { startAt: TOMORROW, durationMs: null } })).not.toBe(digest);
    const shown = renderPlan(await describePlan(world.deps, made.planId), { now: made.createdAt, timeZone: 'UTC' });
    expect(shown).toMatch(/ {2}begins \w{3} \d\d:\d\d UTC \(in .*\), within 1 h/);
    const { input, hold } = await execute(made.planId);
    const endsAt = new Date(Date.parse(TOMORROW) + 3_600_000).toISOString();
    expect(input?.schedule).toEqual({ startAt: TOMORROW, endsAt });
    expect(hold).toMatchObject({ heldBy: 'schedule', opensAt: TOMORROW });
  });

  it.each([
    [
      'in the past',
      { start_time: '2024-03-20T22:00:00Z', duration: '1h' },
      /schedule\.start_time: expected a time to come/,
    ],
    ['without zone', { start_time: '2024-03-20T22:00:00' }, /schedule\.start_time: expected a time with its zone/],
    ['malformed', { start_time: 'tomorrow' }, /schedule\.start_time: expected a time with its zone .* got "tomorrow"/],
    ['without a time', { duration: '1h' }, /schedule\.start_time: expected a time, got nothing/],
    ['of no length', { start_time: TOMORROW, duration: '0s' }, /schedule\.duration: expected a duration/],
  ])('%s is refused', async (_what, schedule, message) => {
    await expect(plan(schedule)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('a run of a plan', () => {
  it('is given the windows that its environment has at the start, and tells what holds it', async () => {
    const { plan: made } = await plan();
    await world.apply(
      'environments: { production: { deployment_windows: [{ name: shut, kind: deny, start_time: "00:00", end_time: "24:00" }] } }',
    );
    const { run, input, notes } = await execute(made.planId);
    expect(input?.windows).toEqual([NEVER]);
    expect(notes).toEqual([
      `waits for the window: it does not open by itself (denied by shut (deny): 00:00–24:00 UTC) · sluice deploy start-now ${run} --reason "…"`,
    ]);
  });

  it('of an environment that is always open has nothing of windows and schedules in its input', async () => {
    const { input, hold, notes } = await execute((await plan()).plan.planId);
    expect(Object.keys(input ?? {}).sort()).toEqual(
      ['schema', 'run', 'plan', 'digest', 'startedBy', 'queues', 'decisions', 'place', 'startTold'].sort(),
    );
    expect([hold, notes]).toEqual([null, []]);
  });

  it('that is refused for its time takes nothing', async () => {
    const { plan: made } = await plan();
    await expect(execute(made.planId, '2024-03-20T22:00:00Z')).rejects.toMatchObject({
      code: 'START_TIME_INVALID',
      exitCode: 2,
    });
    const { rows } = await (await world.deps.database()).query('select 1 from runs');
    expect(rows).toEqual([]);
  });
});
