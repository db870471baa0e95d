// What goes wrong on the way forward or back: the version before serves again, traffic first, and what is left is named.
import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import type { ReleaseScript } from '../../support/fakes/release-script.ts';
import { aReleasePlan, CANARY_RELEASE } from '../../support/runs/container-plan-builder.ts';
import type { RunWorld } from '../../support/runs/run-world.ts';
import { releasesOfThisFile } from '../../support/runs/with-release.ts';
import { story } from '../../support/runs/with-run.ts';

const startRelease = releasesOfThisFile();
const gone = ApplicationFailure.nonRetryable('the engine is gone', 'ENGINE_UNREACHABLE');
const BACK = ['returnTraffic', 'removeInstances'];

const stepEnds = (run: RunWorld) =>
  run.fleet
    .journal(run.runId)
    .filter(({ type }) => type === 'step-ended')
    .map(({ data }) => data);

describe('a step that fails', () => {
  it.each<[string, NonNullable<ReleaseScript['does']>, string]>([
    ['the pull', { pullImage: gone }, 'the engine is gone (ENGINE_UNREACHABLE)'],
    ['the start', { stageInstances: 'unhealthy' }, 'stageInstances: bad'],
    ['the wait until they are ready', { verifyInstances: 'unhealthy' }, 'verifyInstances: bad'],
    ['the second shift', { shiftTraffic: ['done', 'unhealthy'] }, 'shiftTraffic: bad'],
    ['the removal of the old ones', { retireInstances: gone }, 'the engine is gone (ENGINE_UNREACHABLE)'],
  ])('%s: traffic returns first, then what was made is removed', async (_what, does, reason) => {
    const run = await startRelease({ strategy: CANARY_RELEASE, does });
    expect(await run.result()).toEqual({ phase: 'rolled-back', reason, left: 0 });
    expect(run.release.story.slice(-2)).toEqual(BACK);
    expect(run.release.ledger).toMatchObject({ started: [], old: 2, weightBasisPoints: 0, stable: 'before' });
    expect((await run.view()).traffic).toMatchObject({ weightBasisPoints: 0, before: { instances: 2 } });
  });

  it('keeps its evidence in the journal', async () => {
    const run = await startRelease({ does: { verifyInstances: 'unhealthy' } });
    await run.result();
    expect(stepEnds(run).at(-1)).toMatchObject({ step: 'verify', outcome: 'failed', evidence: 'evd_fake' });
  });

  it('because the plan is outdated: nothing was done, and the way back finds nothing to do', async () => {
    const outdated = ApplicationFailure.nonRetryable('another version serves', 'RELEASE_OUTDATED');
    const run = await startRelease({ strategy: { kind: 'recreate' }, does: { prepareRelease: outdated } });
    expect((await run.result()).phase).toBe('rolled-back');
    // Without a release there is nothing whose requests could be held.
    expect(run.release.story).toEqual(['prepareRelease', 'removeInstances', 'returnTraffic']);
  });

  it('in a recreate: requests wait until the version before serves again', async () => {
    const run = await startRelease({ strategy: { kind: 'recreate' }, does: { verifyInstances: 'unhealthy' } });
    expect((await run.result()).phase).toBe('rolled-back');
    const back = ['holdRequests', 'removeInstances', 'returnTraffic', 'releaseRequests'];
    expect(run.release.story.slice(-4)).toEqual(back);
    expect(run.release.ledger).toMatchObject({ old: 2, started: [], isHolding: false });
  });

  it('after the first batch of a rolling release: the old instances that went are there again', async () => {
    const strategy = { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 } as const;
    const run = await startRelease({ strategy, does: { 'verifyInstances/verify-2': 'unhealthy' } });
    expect((await run.result()).phase).toBe('rolled-back');
    expect((await run.view()).traffic).toMatchObject({ weightBasisPoints: 0, before: { instances: 2 } });
  });
});

describe('a step that gets nowhere', () => {
  const impatient = (progressDeadlineMs: number) => {
    const { rules } = aReleasePlan();
    return { plan: { rules: { ...rules, progressDeadlineMs } } };
  };

  it('is stopped by the progress deadline, and the run is taken back', async () => {
    const run = await startRelease({ ...impatient(700), does: { pullImage: 'held' } });
    expect(await run.result()).toMatchObject({
      phase: 'rolled-back',
      reason: 'pull the image: no progress within 0.7 s',
    });
    expect(run.release.story).toEqual(['prepareRelease', 'pullImage', ...BACK]);
    // Its timer has fired, every other one was taken back with its step: none is left over.
    const { events } = await run.handle.fetchHistory();
    expect(events?.filter((event) => event.timerFiredEventAttributes)).toHaveLength(1);
    expect(events?.filter((event) => event.activityTaskCanceledEventAttributes)).toHaveLength(1);
  });

  it('because its worker fails again and again is given up after the same time', async () => {
    const run = await startRelease({ does: { stageInstances: new Error('the engine answers with nonsense') } });
    expect(await run.result()).toMatchObject({
      phase: 'rolled-back',
      reason: 'start 2 instances of the new version: no progress within 10 min',
    });
  });

  it('but has a time of its own is waited for, and for what it stores at its end', async () => {
    const run = await startRelease({ ...impatient(30_000), does: { shiftTraffic: 'held' } });
    await run.release.called('shiftTraffic');
    const { events } = await run.handle.fetchHistory();
    const timers = (events ?? []).flatMap((event) => event.timerStartedEventAttributes ?? []);
    expect(Number(timers.at(-1)?.startToFireTimeout?.seconds)).toBe(65);
    run.release.releaseHeld();
  });
});

describe('a way back that fails', () => {
  it('to return the traffic leaves the new instances serving, and says so', async () => {
    const run = await startRelease({ does: { retireInstances: gone, returnTraffic: gone } });
    expect(await run.result()).toMatchObject({
      phase: 'rollback-incomplete',
      left: 2,
      reason: expect.stringContaining('traffic could not be taken back: the engine is gone') as string,
    });
    expect(run.release.story).not.toContain('removeInstances');
    expect(run.release.ledger).toMatchObject({ started: [1, 2], weightBasisPoints: 10_000 });
    expect(story(run)).toContain('the new instances stay: traffic could not be taken from them');
  });

  it('to remove what was made names it, and the version before serves', async () => {
    const run = await startRelease({ does: { retireInstances: gone, removeInstances: { left: 1 } } });
    expect(await run.result()).toMatchObject({
      phase: 'rollback-incomplete',
      left: 1,
      reason: expect.stringContaining('instances: 1 left') as string,
    });
    expect(run.release.ledger).toMatchObject({ started: [1], old: 2, weightBasisPoints: 0 });
  });

  it('to bring an old instance back names it', async () => {
    const run = await startRelease({ does: { retireInstances: gone, returnTraffic: { left: 1 } } });
    expect(await run.result()).toMatchObject({
      phase: 'rollback-incomplete',
      left: 1,
      reason: expect.stringContaining('traffic: 1 left') as string,
    });
    expect((await run.view()).traffic).toMatchObject({ before: { instances: 1 } });
  });

  it('after a cancel does not end as cancelled', async () => {
    const run = await startRelease({ does: { returnTraffic: gone } });
    await run.journaled('step-started', /bake/);
    await run.command('cancelRun', { reason: 'wrong day' });
    expect(await run.result()).toMatchObject({
      phase: 'failed',
      reason: expect.stringMatching(
        /^cancel by ada: wrong day; 2 could not be taken back; traffic could not/,
      ) as string,
    });
  });
});

it('a promotion that cannot be recorded takes the run back, or asks first', async () => {
  const run = await startRelease({ does: { promoteRelease: gone } });
  expect((await run.result()).phase).toBe('rolled-back');
  const environment = { ...aReleasePlan().environment, autoRollback: false };
  const asked = await startRelease({ plan: { environment }, does: { promoteRelease: [gone, 'done'] } });
  const result = asked.result();
  await asked.journaled('phase-changed', /paused/);
  await asked.command('resumeRun');
  expect((await result).phase).toBe('completed');
});
