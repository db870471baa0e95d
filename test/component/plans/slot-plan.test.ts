import { afterAll, beforeAll, expect, it } from 'vitest';
import { renderPlan } from '../../../client/cli/render/plan.ts';
import { describePlan } from '../../../client/engine/plans/describe-plan.ts';
import { openPlanningWorld, type PlanningWorld } from '../../support/plans/planning-world.ts';

let world: PlanningWorld;
beforeAll(async () => {
  world = await openPlanningWorld();
  for (const version of ['1.0.0', '1.1.0']) await world.firmware(version);
  await world.apply('environments: { production: {} }');
  await world.devices(20);
});
afterAll(() => world.close());

it('a blue-green plan stages and activates the same devices, and says how they come back', async () => {
  const { plan, notes } = await world.plan({
    name: 'Rollout',
    firmware_version: '1.1.0',
    target_environment: 'production',
    strategy: 'BLUE_GREEN',
    switch_timeout: '2m',
  });
  expect(notes).toEqual([]);
  expect(plan.strategy).toEqual({
    kind: 'blue_green',
    upToPercent: 100,
    switchTimeoutMs: 120_000,
  });
  expect(plan.selection.waveDevices).toEqual([20, 20]);
  const shown = renderPlan(await describePlan(world.deps, plan.planId), { now: plan.createdAt, timeZone: 'UTC' });
  expect(shown).toContain('blue-green, 100 % (switch within 2 min) in 2 waves, 20 devices');
  expect(shown).toMatch(/wave 1 of 2: stage on 100 % · 20 devices, 90 % in 1 h/);
  expect(shown).toMatch(/wave 2 of 2: activate on 100 % · 20 devices, 90 % in 2 min/);
  expect(shown).toContain('by its other slot, without a download');
});
