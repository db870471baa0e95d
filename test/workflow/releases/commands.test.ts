// Every command in every kind of step of a release.
import { describe, expect, it } from 'vitest';
import type { ReleaseActivities } from '#domain/ports/release.port.ts';
import { CANARY_RELEASE, hook } from '../../support/runs/container-plan-builder.ts';
import { gate } from '../../support/runs/plan-builder.ts';
import type { RunWorld } from '../../support/runs/run-world.ts';
import { releasesOfThisFile, type ReleaseOptions } from '../../support/runs/with-release.ts';
import { story } from '../../support/runs/with-run.ts';

const startRelease = releasesOfThisFile();
const BACK = ['returnTraffic', 'removeInstances'];
const policy = { quorum: 1, role: 'approver', expiresInMs: null };

interface Place {
  readonly options: ReleaseOptions;
  readonly reached: (run: RunWorld) => Promise<void>;
  /** Pauses at once, or when the effect under way has ended. */
  readonly pauses: 'at once' | 'after the step';
  /** What was prepared has to be taken back. */
  readonly hasEffect: boolean;
}

const effect = (name: keyof ReleaseActivities, options: ReleaseOptions = {}): Place => ({
  options: { does: { [name]: ['held', 'done'] }, ...options },
  reached: (run) => run.release.called(name),
  pauses: 'after the step',
  hasEffect: name !== 'runHook',
});
/** What comes after the bake is reached while the clock stands. */
const UNBAKED: ReleaseOptions = { steps: { bakeMs: 0 } };
const recreate: ReleaseOptions = { strategy: { kind: 'recreate' } };

const PLACES: Readonly<Record<string, Place>> = {
  approve: {
    options: { steps: { approval: policy } },
    reached: (run) => run.journaled('phase-changed', /waits/),
    pauses: 'at once',
    hasEffect: false,
  },
  gate: {
    options: { steps: { pre: [gate()] }, script: { gates: { firmware_validation: 'held' } } },
    reached: (run) => run.fleet.called('evaluateGate'),
    pauses: 'after the step',
    hasEffect: false,
  },
  hook: effect('runHook', { steps: { before: [hook('freeze')] }, does: { 'runHook/hook-before-1': ['held', 'done'] } }),
  pull: effect('pullImage'),
  stage: effect('stageInstances'),
  verify: effect('verifyInstances'),
  shift: effect('shiftTraffic'),
  bake: {
    options: {},
    reached: (run) => run.journaled('step-started', /bake/),
    pauses: 'at once',
    hasEffect: true,
  },
  retire: effect('retireInstances', UNBAKED),
  hold: effect('holdRequests', { ...recreate, does: { holdRequests: ['held', 'done'] } }),
  release: effect('releaseRequests', { ...recreate, does: { releaseRequests: ['held', 'done'] } }),
  promotion: effect('promoteRelease', UNBAKED),
};

const isRecreate = ({ options }: Place): boolean => options.strategy?.kind === 'recreate';

function expectBack(run: RunWorld, place: Place): void {
  const { ledger, story: calls } = run.release;
  expect(ledger).toMatchObject({ started: [], joined: [], weightBasisPoints: 0, isHolding: false, stable: 'before' });
  expect(ledger).toMatchObject({ old: 2, hooks: [] });
  if (place.hasEffect && !isRecreate(place)) expect(calls.slice(-2)).toEqual(BACK);
  expect(story(run).at(-1)).toMatch(/^(rolled back|cancelled): ada: because$/);
}

describe.each(Object.entries(PLACES))('in the step %s', (_kind, place) => {
  it('a roll back stops it and takes everything back', async () => {
    const run = await startRelease(place.options);
    await place.reached(run);
    await run.command('rollBackRun');
    expect(await run.result()).toEqual({ phase: 'rolled-back', reason: 'ada: because', left: 0 });
    expectBack(run, place);
  });

  it('a cancel returns to the stable version, and the run is cancelled', async () => {
    const run = await startRelease(place.options);
    await place.reached(run);
    await run.command('cancelRun');
    expect(await run.result()).toEqual({ phase: 'cancelled', reason: 'ada: because', left: 0 });
    expectBack(run, place);
  });

  it('a pause holds the run, and a resume lets it complete', async () => {
    const run = await startRelease(place.options);
    await place.reached(run);
    const { state, pausing } = await run.command('pauseRun');
    expect([state.phase, pausing]).toEqual(place.pauses === 'at once' ? ['paused', false] : ['running', true]);
    run.release.releaseHeld();
    run.fleet.releaseHeld();
    await run.journaled('phase-changed', /paused: because/);
    const calls = run.release.story.length;
    await run.sleep(1_000);
    expect(run.release.story).toHaveLength(calls);
    await run.command('resumeRun');
    if (place.options.steps?.approval) await run.approve('ada');
    expect((await run.result()).phase).toBe('completed');
    expect(run.release.ledger).toMatchObject({ started: [1, 2], stable: 'new', isHolding: false });
  });
});

describe('a cancel', () => {
  it('after all traffic moved and the old instances went starts them again', async () => {
    const run = await startRelease({
      strategy: CANARY_RELEASE,
      steps: { bakeMs: 0, after: [hook('warm')] },
      does: { 'runHook/hook-after-1': ['held', 'done'] },
    });
    await run.release.called('runHook');
    expect(run.release.ledger).toMatchObject({ weightBasisPoints: 10_000, old: 0 });
    await run.command('cancelRun');
    expect((await run.result()).phase).toBe('cancelled');
    expect(run.release.ledger).toMatchObject({ weightBasisPoints: 0, old: 2, started: [] });
    expect((await run.view()).traffic).toMatchObject({ before: { instances: 2 }, weightBasisPoints: 0 });
  });

  it('from Temporal does the same', async () => {
    const run = await startRelease();
    await run.journaled('step-started', /bake/);
    await run.handle.cancel();
    expect((await run.result()).phase).toBe('cancelled');
    expect(run.release.story.slice(-2)).toEqual(BACK);
  });

  it('is refused once the run takes itself back', async () => {
    const run = await startRelease({ does: { verifyInstances: 'unhealthy', returnTraffic: ['held', 'done'] } });
    await run.release.called('returnTraffic');
    await expect(run.command('cancelRun')).rejects.toMatchObject({ cause: { type: 'RUN_STOPPING' } });
    run.release.releaseHeld();
    expect((await run.result()).phase).toBe('rolled-back');
  });
});
