// The releases with scripted engines and a router whose histories are kept.
import { ApplicationFailure } from '@temporalio/common';
import type { ContainerStrategy } from '#domain/plan/container-plan.ts';
import { A_PLACE } from '../support/runs/a-place.ts';
import { aReleasePlan, CANARY_RELEASE, hook } from '../support/runs/container-plan-builder.ts';
import { approve, gate } from '../support/runs/plan-builder.ts';
import type { Verdict } from '#domain/ports/watch.port.ts';
import type { RunWorld } from '../support/runs/run-world.ts';
import { NEVER } from '../support/windows/coming-windows.ts';
import { releaseRun, type ReleaseOptions } from '../support/runs/with-release.ts';
import type { Scenario } from './scenarios.ts';

const SHORT_BAKE_MS = 300;
const LONG_BAKE_MS = 3_600_000;
const BREACH = { kind: 'unhealthy', criterion: 'analysis', summary: 'p99 twice as slow', evidence: 'evd_1' } as const;
const gone = ApplicationFailure.nonRetryable('the engine is gone', 'ENGINE_UNREACHABLE');
const { watch, rules, environment } = aReleasePlan();
const RECREATE: ContainerStrategy = { kind: 'recreate' };
const ROLLING: ContainerStrategy = { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 };
const hooks = { before: [hook('freeze'), hook('migrate')], after: [hook('warm')] };
const approval = { quorum: 1, role: 'approver', expiresInMs: null };
const asking = { ...environment, autoRollback: false };
const long = { bakeMs: LONG_BAKE_MS };
const post = [gate({ gate: 'performance_validation', phase: 'post' })];

/** With short bakes and a watch that looks often. */
function release(name: string, options: ReleaseOptions = {}, drive?: Scenario['drive']): Scenario {
  const steps = { bakeMs: SHORT_BAKE_MS, ...options.steps };
  const plan = { watch: { ...watch, everyMs: 50 }, ...options.plan };
  return { name, options: releaseRun({ ...options, steps, plan }), ...(drive ? { drive } : {}) };
}

/** What the looks before going on find: at one of them this, else nothing. */
function onlyAt(place: number, found: Verdict | Error): () => Verdict | Error {
  let looks = 0;
  return () => ((looks += 1) === place ? found : { kind: 'healthy' });
}

const baking = (run: RunWorld): Promise<void> => run.journaled('step-started', /bake/);
const waiting = (run: RunWorld): Promise<void> => run.journaled('phase-changed', /waits/);
const asked = (run: RunWorld): Promise<void> => run.journaled('phase-changed', /paused/);

/** An approval before the second weight. */
function approvedInTheMiddle(): ReleaseOptions {
  const { steps } = aReleasePlan({ strategy: CANARY_RELEASE, steps: { bakeMs: SHORT_BAKE_MS } });
  const at = steps.findIndex(({ id }) => id === 'shift-2');
  const all = [...steps.slice(0, at), approve({ opens: 'half of the traffic' }), ...steps.slice(at)];
  return { strategy: CANARY_RELEASE, plan: { steps: all } };
}

export const RELEASE_SCENARIOS: readonly Scenario[] = [
  release('first-deployment-completes', { strategy: { kind: 'first' } }),
  release('immediate-release-completes', { strategy: { kind: 'immediate' } }),
  release('blue-green-completes', { steps: { ...hooks, pre: [gate()], post } }),
  release('canary-release-completes', { strategy: CANARY_RELEASE }),
  release('rolling-release-completes', { strategy: ROLLING }),
  release('recreate-completes', { strategy: RECREATE }),
  release('release-approved-then-completes', { steps: { approval } }, async (run) => {
    await waiting(run);
    await run.approve('ada');
  }),
  release('release-approved-in-the-middle', approvedInTheMiddle(), async (run) => {
    await waiting(run);
    await run.approve('ada');
  }),
  release('release-rejected', { steps: { approval } }, async (run) => {
    await waiting(run);
    await run.approve('ada', { decision: 'reject' });
  }),
  // The first is of before runs told their start once.
  ...['release-start-told-at-once', 'release-start-told-once'].map((name) =>
    release(name, { steps: { approval }, world: { input: { place: A_PLACE } } }, async (run) => {
      await waiting(run);
      await run.approve('ada', { decision: 'reject' });
    }),
  ),
  release('pull-fails', { does: { pullImage: gone } }),
  release('release-outdated', { does: { prepareRelease: gone } }),
  release('release-not-ready', { strategy: CANARY_RELEASE, does: { verifyInstances: 'unhealthy' } }),
  release('rolling-release-not-ready', { strategy: ROLLING, does: { 'verifyInstances/verify-2': 'unhealthy' } }),
  release('recreate-not-ready', { strategy: RECREATE, does: { verifyInstances: 'unhealthy' } }),
  release('pull-gets-nowhere', {
    plan: { rules: { ...rules, progressDeadlineMs: 700 } },
    does: { pullImage: 'held' },
  }),
  release('breach-in-a-bake-of-a-release', {
    strategy: CANARY_RELEASE,
    steps: long,
    script: { look: ({ look }) => (look > 5 ? BREACH : { kind: 'healthy' }) },
  }),
  release(
    'breach-in-a-gate-of-a-release',
    { steps: { post }, script: { gates: { performance_validation: 'held' } } },
    async (run) => {
      await run.fleet.called('evaluateGate');
      run.fleet.breach('analysis', BREACH.summary);
    },
  ),
  release('breach-before-a-shift', { script: { glance: () => BREACH } }),
  release('breach-before-the-promotion', {
    steps: { bakeMs: 0 },
    script: { glance: onlyAt(3, BREACH) },
  }),
  release('shift-sees-nothing', { script: { glance: onlyAt(1, gone) } }),
  release(
    'release-breach-accepted',
    { plan: { environment: asking }, script: { look: () => BREACH, glance: () => ({ kind: 'healthy' }) } },
    async (run) => {
      await asked(run);
      run.fleet.change({ look: () => ({ kind: 'healthy' }) });
      await run.command('resumeRun');
    },
  ),
  release('release-breach-unanswered', {
    steps: long,
    plan: { environment: { ...asking, rollbackTimeoutMs: 1_000 } },
    script: { look: ({ look }) => (look > 5 ? BREACH : { kind: 'healthy' }) },
  }),
  release(
    'failed-step-taken-again',
    { plan: { environment: asking }, does: { verifyInstances: ['unhealthy', 'done'] } },
    async (run) => {
      await asked(run);
      await run.command('resumeRun');
    },
  ),
  release('rolled-back-in-a-shift', { does: { shiftTraffic: 'held' } }, async (run) => {
    await run.release.called('shiftTraffic');
    await run.command('rollBackRun');
  }),
  release('rolled-back-in-the-promotion', { does: { promoteRelease: 'held' } }, async (run) => {
    await run.release.called('promoteRelease');
    await run.command('rollBackRun');
  }),
  release('cancelled-after-all-traffic', { steps: hooks, does: { 'runHook/hook-after-1': 'held' } }, async (run) => {
    await run.release.called('runHook', 3);
    await run.command('cancelRun');
  }),
  release('cancelled-in-a-pull', { does: { pullImage: 'held' } }, async (run) => {
    await run.release.called('pullImage');
    await run.command('cancelRun');
  }),
  release('release-cancelled-from-temporal', { steps: long }, async (run) => {
    await baking(run);
    await run.handle.cancel();
  }),
  release('cancelled-but-traffic-not-returned', { steps: long, does: { returnTraffic: gone } }, async (run) => {
    await baking(run);
    await run.command('cancelRun');
  }),
  release('paused-in-a-pull-then-completes', { does: { pullImage: ['held', 'done'] } }, async (run) => {
    await run.release.called('pullImage');
    await run.command('pauseRun');
    run.release.releaseHeld();
    await asked(run);
    await run.command('resumeRun');
  }),
  release('paused-in-a-bake-then-completes', { steps: { bakeMs: 2_000 } }, async (run) => {
    await baking(run);
    await run.command('pauseRun');
    await asked(run);
    await run.command('resumeRun');
  }),
  release('paused-in-the-promotion-then-completes', { does: { promoteRelease: ['held', 'done'] } }, async (run) => {
    await run.release.called('promoteRelease');
    await run.command('pauseRun');
    run.release.releaseHeld();
    await asked(run);
    await run.command('resumeRun');
  }),
  release('release-parked-then-started-now', { world: { input: { windows: [NEVER] } } }, async (run) => {
    await run.journaled('window-closed');
    await run.command('startRunNow');
  }),
  release('hooks-undone', { steps: hooks, does: { 'runHook/hook-after-1': 'unhealthy' } }),
  release('hook-not-undone', {
    steps: hooks,
    does: { verifyInstances: 'unhealthy', 'undoHook/hook-before-2': 'unhealthy', 'undoHook/hook-before-1': gone },
  }),
  release('traffic-not-returned', { does: { retireInstances: gone, returnTraffic: gone } }),
  release('instances-not-removed', { does: { retireInstances: gone, removeInstances: { left: 1 } } }),
  { name: 'fleet-plan-is-no-release', options: { workflow: 'deployApplication' } },
];
