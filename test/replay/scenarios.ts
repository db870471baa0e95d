// The runs with a scripted fleet whose histories are kept. `corpus.test.ts` checks that together they take every way
// through the interpreter.
import { ApplicationFailure } from '@temporalio/common';
import { runSignals } from '../../workflows/runtime/run.messages.ts';
import { eventually } from '../support/eventually.ts';
import type { RunWorld, WorldOptions } from '../support/runs/run-world.ts';
import { NO_COUNTS } from '#domain/fleet/counts.ts';
import { approve, aPlan, bake, gate, offer, SLOT_STEPS, SLOT_WAVES } from '../support/runs/plan-builder.ts';

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
const stalling = [offer(1, { progressDeadlineMs: 1_000 }), offer(2, { progressDeadlineMs: 1_000 })];
const scan = gate({ gate: 'security_scan' });
const policy = { quorum: 1, role: 'tester', expiresInMs: null };
const manual = gate({ gate: 'user_acceptance_test', check: { run: 'manual', policy } });
const broken = ApplicationFailure.nonRetryable('no such plan: plan_test', 'PLAN_NOT_FOUND');
const late = {
  kind: 'passed',
  counts: { ...NO_COUNTS, offered: 10, succeeded: 10 },
  unreleased: 5,
  examples: [],
} as const;
const longBake = [offer(1), bake(1, 3_600_000), offer(2)];

const slots = { steps: [...SLOT_STEPS], waves: SLOT_WAVES, watch };

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
    name: 'wave-gets-nowhere',
    options: { plan: { steps: stalling, watch }, script: { offers: { 2: 'stalled' } } },
  },
  {
    name: 'wave-gets-nowhere-then-completes',
    options: {
      plan: { steps: stalling, watch, environment: { ...asking, rollbackTimeoutMs: 60_000 } },
      script: { offers: { 1: ['stalled', 'passed'] } },
    },
    drive: async (run) => {
      await run.journaled('phase-changed', /no progress.*resume, roll back or cancel/);
      await run.command('resumeRun');
    },
  },
  {
    name: 'reminded-and-paused-then-approved',
    options: {
      plan: { steps: [approve(), ...twoWaves], watch },
      input: { reminders: { afterMs: 300, most: 2 } },
    },
    drive: async (run) => {
      await run.journaled('gate-reminder');
      await run.command('pauseRun');
      await run.journaled('phase-changed', /paused/);
      await run.command('resumeRun');
      await eventually(async () => {
        if ((await run.view()).waiting?.reminded?.times !== 2) throw new Error('not reminded twice yet');
      });
      await run.approve('ada');
    },
  },
  {
    name: 'reminded-then-expired',
    options: {
      plan: { steps: [approve({ policy: { quorum: 1, role: 'approver', expiresInMs: 700 } }), ...twoWaves] },
      input: { reminders: { afterMs: 400, most: 10 } },
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
  {
    name: 'rejected-between-waves',
    options: { plan: { steps: [offer(1), approve({ id: 'approve-2' }), offer(2)], watch } },
    drive: async (run) => {
      await run.journaled('phase-changed', /waits/);
      await run.approve('ada', { decision: 'reject' });
    },
  },
  {
    name: 'manual-gate-approved',
    options: { plan: { steps: [manual, ...twoWaves], watch } },
    drive: async (run) => {
      await run.journaled('phase-changed', /waits/);
      await run.approve('tess', { roles: ['tester'] });
    },
  },
  {
    name: 'manual-gate-rejected',
    options: { plan: { steps: [manual, ...twoWaves], watch } },
    drive: async (run) => {
      await run.journaled('phase-changed', /waits/);
      await run.approve('tess', { roles: ['tester'], decision: 'reject' });
    },
  },
  {
    name: 'gate-overridden',
    options: { plan: { steps: [approve(), scan, ...twoWaves], watch }, script: { gates: { security_scan: 'failed' } } },
    drive: async (run) => {
      await run.journaled('phase-changed', /waits/);
      await run.command('overrideGate', { gate: scan.id, reason: 'the scanner is down' });
      await run.approve('ada');
    },
  },
  {
    name: 'required-gate-fails-after-an-effect',
    options: { plan: { steps: [offer(1), scan], watch }, script: { gates: { security_scan: 'failed' } } },
  },
  {
    name: 'gate-could-not-be-evaluated-then-completes',
    options: { plan: { steps: [offer(1), scan], watch }, script: { gates: { security_scan: broken } } },
    drive: async (run) => {
      await run.journaled('phase-changed', /could not be evaluated/);
      run.fleet.change({ gates: { security_scan: 'passed' } });
      await run.command('resumeRun');
    },
  },
  {
    name: 'paused-and-resumed-by-signal',
    options: { plan: { steps: [offer(1), bake(1, BAKE_MS), approve(), offer(2)], watch } },
    drive: async (run) => {
      const bot = { by: 'bot', via: 'http', verified: false, reason: 'r' } as const;
      await run.journaled('phase-changed', /waits/);
      await run.handle.signal(runSignals.resumeRun, { ...bot, commandId: 's-1' });
      await run.handle.signal('pauseRun', { pause: 'please' });
      await run.handle.signal(runSignals.pauseRun, { ...bot, commandId: 's-2' });
      await run.journaled('phase-changed', /paused/);
      await run.handle.signal(runSignals.resumeRun, { ...bot, commandId: 's-3' });
      await run.approve('ada');
    },
  },
  {
    name: 'blindness-accepted',
    options: {
      plan: {
        steps: [offer(1), bake(1, BAKE_MS), offer(2)],
        watch,
        environment: { ...asking, rollbackTimeoutMs: 60_000 },
      },
      script: { look: () => ({ kind: 'inconclusive', why: '5 looks saw nothing' }) },
    },
    drive: async (run) => {
      await run.journaled('phase-changed', /resume, roll back or cancel/);
      run.fleet.change({ look: () => ({ kind: 'healthy' }) });
      await run.command('resumeRun');
    },
  },
  {
    name: 'look-before-a-wave-saw-nothing-at-first',
    options: {
      plan: { steps: [offer(1), offer(2)], watch },
      script: { glance: () => broken },
    },
    drive: async (run) => {
      await run.fleet.called('lookOnce');
      run.fleet.change({ glance: () => ({ kind: 'healthy' }) });
    },
  },
  {
    name: 'last-wave-not-all-offered-then-completes',
    options: { plan: { steps: [offer(1), offer(2)], watch }, script: { offers: { 2: [late, 'passed'] } } },
    drive: async (run) => {
      await run.journaled('phase-changed', /5 devices were not offered/);
      await run.command('resumeRun');
    },
  },
  {
    name: 'cancelled-but-not-withdrawn',
    options: { plan: { steps: longBake, watch }, script: { withdraw: broken } },
    drive: async (run) => {
      await run.journaled('step-started', /bake/);
      await run.command('cancelRun');
    },
  },
  {
    name: 'rollback-fails-and-is-counted',
    options: { plan: { steps: longBake, watch }, script: { offers: { 1: 'breach' }, rollback: broken } },
  },
  { name: 'staged-then-activated', options: { plan: slots } },
  {
    name: 'activation-goes-bad',
    options: { plan: slots, script: { offers: { 2: 'breach' } } },
  },
  {
    name: 'staging-not-all-offered-then-activated',
    options: { plan: slots, script: { offers: { 1: [late, 'passed'] } } },
    drive: async (run) => {
      await run.journaled('phase-changed', /5 devices were not offered/);
      await run.command('resumeRun');
    },
  },
  {
    name: 'plan-not-understood',
    options: { plan: { steps: [offer(1), { ...bake(1), kind: 'teleport' } as never] } },
  },
];
