// Runs whose environment has rules: denied, resumed, overridden, taken back, and told of rules while they are under way.
import { ApplicationFailure } from '@temporalio/common';
import { policyChanged } from '../../workflows/runtime/run.messages.ts';
import { rule } from '../support/policy/rule-book.ts';
import { aReleasePlan } from '../support/runs/container-plan-builder.ts';
import { aPlan, approve, bake, gate, offer } from '../support/runs/plan-builder.ts';
import type { RunWorld } from '../support/runs/run-world.ts';
import { releaseRun } from '../support/runs/with-release.ts';
import type { Scenario } from './scenarios.ts';

const BAKE_MS = 300;
const watch = { ...aPlan().watch, everyMs: 50 };
const plan = { steps: [gate(), offer(1), bake(1, BAKE_MS), offer(2)], watch };
const CALM = rule('calm', 'counts.failed == 0');
const FIRST_ONLY = rule('first-only', 'step.wave <= 1', ['offer']);
const isDenied = (run: RunWorld): Promise<void> => run.journaled('policy-denied');
const isPaused = (run: RunWorld): Promise<void> => run.journaled('phase-changed', /paused/);

export const POLICY_SCENARIOS: readonly Scenario[] = [
  { name: 'allowed-by-policy', options: { plan, rules: [CALM] } },
  {
    name: 'denied-by-policy-then-resumed',
    options: { plan, rules: [FIRST_ONLY] },
    drive: async (run) => {
      await isPaused(run);
      run.policy.rules = [CALM];
      await run.command('resumeRun');
    },
  },
  {
    name: 'denied-by-policy-then-overridden',
    options: { plan: { ...plan, steps: [approve(), ...plan.steps] }, rules: [rule('never', 'false', ['offer'])] },
    drive: async (run) => {
      await run.journaled('phase-changed', /waits/);
      await run.approve('ada');
      await isPaused(run);
      await run.command('overrideGate', { gate: 'policy-never' });
      await run.command('resumeRun');
    },
  },
  {
    name: 'denied-by-policy-then-rolled-back',
    options: { plan, rules: [FIRST_ONLY] },
    drive: async (run) => {
      await isDenied(run);
      await run.command('rollBackRun');
    },
  },
  {
    name: 'policy-not-known-then-cancelled',
    options: { plan: { ...plan, steps: [approve(), ...plan.steps] }, rules: [CALM] },
    drive: async (run) => {
      await run.journaled('phase-changed', /waits/);
      run.policy.failure = ApplicationFailure.nonRetryable('stored by another version', 'CONFIG_INVALID');
      await run.approve('ada');
      await run.journaled('phase-changed', /could not be asked/);
      await run.command('cancelRun');
    },
  },
  {
    name: 'told-of-policy-under-way',
    options: { plan: { ...plan, steps: [offer(1), bake(1, 3_000), offer(2)] } },
    drive: async (run) => {
      await run.journaled('step-started', /bake/);
      run.policy.rules = [FIRST_ONLY];
      await run.handle.signal(policyChanged);
      await isPaused(run);
      run.policy.rules = [];
      await run.command('resumeRun');
    },
  },
];

const release = aReleasePlan({ steps: { bakeMs: BAKE_MS } });
const quick = { watch: { ...release.watch, everyMs: 50 } };

export const POLICY_RELEASE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'shift-denied-by-policy-then-resumed',
    options: releaseRun({
      steps: { bakeMs: BAKE_MS },
      plan: quick,
      world: { rules: [rule('slowly', 'step.weightPercent < 100.0', ['shift'])] },
    }),
    drive: async (run) => {
      await isPaused(run);
      run.policy.rules = [];
      await run.command('resumeRun');
    },
  },
];
