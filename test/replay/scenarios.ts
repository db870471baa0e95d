// The runs whose histories are kept: one for each way through the interpreter.
import type { RunWorld, WorldOptions } from '../support/runs/run-world.ts';
import { approve, aPlan, bake, gate, offer } from '../support/runs/plan-builder.ts';

export interface Scenario {
  readonly name: string;
  readonly options: WorldOptions;
  /** What people do meanwhile; the run ends by itself afterwards. */
  readonly drive?: (run: RunWorld) => Promise<unknown>;
}

const BAKE_MS = 300;
const BREACH = { kind: 'unhealthy', criterion: 'health-check', summary: 'health failed', evidence: 'evd_1' } as const;
const everyMs = 50;
const watch = { ...aPlan().watch, everyMs };
const asking = { name: 'production', stage: 'production', autoRollback: false, rollbackTimeoutMs: 2_000 };
const twoWaves = [offer(1), bake(1, BAKE_MS), offer(2), bake(2, BAKE_MS)];
const longBake = [offer(1), bake(1, 3_600_000), offer(2)];

export const SCENARIOS: readonly Scenario[] = [
  { name: 'canary-completes', options: { plan: { steps: [gate(), ...twoWaves], watch } } },
  {
    name: 'approved-then-completes',
    options: { plan: { steps: [approve(), ...twoWaves], watch } },
    drive: async (run) => {
      await run.journaled('phase-changed', /waits/);
      await run.approve('ada');
    },
  },
  {
    name: 'rejected-before-any-effect',
    options: { plan: { steps: [approve(), ...twoWaves], watch } },
    drive: async (run) => {
      await run.journaled('phase-changed', /waits/);
      await run.approve('ada', { decision: 'reject' });
    },
  },
  {
    name: 'approval-expires',
    options: { plan: { steps: [approve({ policy: { quorum: 1, role: 'approver', expiresInMs: 500 } }), ...twoWaves] } },
  },
  {
    name: 'required-gate-fails',
    options: { plan: { steps: [gate(), ...twoWaves] }, script: { gates: { firmware_validation: 'failed' } } },
  },
  { name: 'breach-in-a-wave', options: { plan: { steps: twoWaves, watch }, script: { offers: { 2: 'breach' } } } },
  {
    name: 'breach-in-a-bake',
    options: {
      plan: { steps: longBake, watch },
      script: { look: ({ look }) => (look > 5 ? BREACH : { kind: 'healthy' }) },
    },
  },
  {
    name: 'breach-asked-and-accepted',
    options: {
      plan: { steps: twoWaves, watch, environment: { ...asking, rollbackTimeoutMs: 60_000 } },
      script: { offers: { 1: ['breach', 'passed'] } },
    },
    drive: async (run) => {
      await run.journaled('phase-changed', /resume, roll back or cancel/);
      await run.command('resumeRun');
    },
  },
  {
    name: 'breach-asked-and-unanswered',
    options: { plan: { steps: twoWaves, watch, environment: asking }, script: { offers: { 1: 'breach' } } },
  },
  {
    name: 'paused-in-a-wave-then-completes',
    options: { plan: { steps: twoWaves, watch }, script: { offers: { 1: ['held', 'passed'] } } },
    drive: async (run) => {
      await run.fleet.called('offerWave');
      await run.command('pauseRun');
      await run.journaled('phase-changed', /paused/);
      await run.command('resumeRun');
    },
  },
  {
    name: 'short-wave-accepted',
    options: { plan: { steps: twoWaves, watch }, script: { offers: { 1: 'short' } } },
    drive: async (run) => {
      await run.journaled('phase-changed', /below the success threshold/);
      await run.command('resumeRun');
    },
  },
  {
    name: 'rolled-back-by-command',
    options: { plan: { steps: longBake, watch } },
    drive: async (run) => {
      await run.journaled('step-started', /bake/);
      await run.command('rollBackRun');
    },
  },
  {
    name: 'rolled-back-incompletely',
    options: {
      plan: { steps: longBake, watch },
      script: { offers: { 1: 'breach' }, rollback: { kind: 'incomplete', left: 2 } },
    },
  },
  {
    name: 'cancelled-in-a-wave',
    options: { plan: { steps: twoWaves, watch }, script: { offers: { 1: 'held' } } },
    drive: async (run) => {
      await run.fleet.called('offerWave');
      await run.command('cancelRun');
    },
  },
  {
    name: 'cancelled-from-temporal',
    options: { plan: { steps: longBake, watch } },
    drive: async (run) => {
      await run.journaled('step-started', /bake/);
      await run.handle.cancel();
    },
  },
];
