// What the watch finds, whatever the run is doing; and environments that want to be asked.
import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { aReleasePlan, CANARY_RELEASE } from '../../support/runs/container-plan-builder.ts';
import { approve, gate, HOUR_MS } from '../../support/runs/plan-builder.ts';
import type { RunWorld } from '../../support/runs/run-world.ts';
import { releasesOfThisFile, type ReleaseOptions } from '../../support/runs/with-release.ts';
import { story } from '../../support/runs/with-run.ts';

const startRelease = releasesOfThisFile();
const sick = { kind: 'unhealthy', criterion: 'analysis', summary: 'p99 twice as slow', evidence: 'evd_1' } as const;
const sickAfter = (afterMs: number) => ({
  look: ({ elapsedMs }: { elapsedMs: number }) => (elapsedMs >= afterMs ? sick : { kind: 'healthy' as const }),
});
const BACK = ['returnTraffic', 'removeInstances'];

async function expectTakenBack(run: RunWorld): Promise<void> {
  expect(await run.result()).toMatchObject({ phase: 'rolled-back', reason: 'p99 twice as slow' });
  expect(run.release.story.slice(-2)).toEqual(BACK);
  expect(run.fleet.journal(run.runId)).toContainEqual(
    expect.objectContaining({ type: 'breach', data: { evidence: 'evd_1' } }),
  );
}

describe('a breach', () => {
  it('in a bake takes the traffic back', async () => {
    const run = await startRelease({
      strategy: CANARY_RELEASE,
      steps: { bakeMs: HOUR_MS },
      script: sickAfter(1_200_000),
    });
    await expectTakenBack(run);
    expect(run.release.story).toContain('shiftTraffic 1000');
    expect(run.release.story).not.toContain('shiftTraffic 5000');
  });

  it('in a gate does not wait for the gate', async () => {
    const post = [gate({ gate: 'performance_validation', phase: 'post' })];
    const run = await startRelease({
      steps: { post, bakeMs: 0 },
      plan: { watch: { ...aReleasePlan().watch, everyMs: 100 } },
      script: { gates: { performance_validation: 'held' } },
    });
    await run.fleet.called('evaluateGate');
    run.fleet.breach('analysis', 'p99 twice as slow');
    const result = await run.result();
    expect(result).toMatchObject({ phase: 'rolled-back', reason: 'p99 twice as slow' });
    expect(run.release.story.slice(-2)).toEqual(BACK);
  });

  it('while an approval waits in the middle of it does not wait for people', async () => {
    const { steps } = aReleasePlan({ strategy: CANARY_RELEASE });
    const at = steps.findIndex(({ id }) => id === 'shift-2');
    const asking = [...steps.slice(0, at), approve({ opens: 'half of the traffic' }), ...steps.slice(at)];
    const run = await startRelease({
      plan: { steps: asking },
      strategy: CANARY_RELEASE,
      script: sickAfter(48 * HOUR_MS),
    });
    await expectTakenBack(run);
    expect(story(run)).toContainEqual(expect.stringMatching(/approval of half of the traffic: waits for 1/));
  });

  it('found by the look before a shift keeps the shift from happening', async () => {
    const run = await startRelease({ script: { glance: () => sick } });
    await expectTakenBack(run);
    expect(run.release.story).not.toContain('shiftTraffic 10000');
  });
});

describe('a breach while instances are replaced one by one', () => {
  it('is found before the next one joins those in use', async () => {
    const run = await startRelease({
      strategy: { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 },
      steps: { bakeMs: 0 },
      does: { 'stageInstances/stage-2': ['held', 'done'] },
    });
    await run.release.called('stageInstances', 2);
    run.fleet.change({ glance: () => sick });
    run.release.releaseHeld();
    await expectTakenBack(run);
    expect(run.release.story).not.toContain('verifyInstances verify-2 2 among');
  });
});

describe('a look of an effect that cannot see', () => {
  const secret = ApplicationFailure.nonRetryable('the secret env:TOKEN cannot be read', 'SECRET_UNRESOLVED');
  const blindFor = (looks: number) => ({
    glance: ({ look }: { look: number }) => (look <= looks ? secret : { kind: 'healthy' as const }),
  });

  it('keeps a shift from happening until the run itself sees', async () => {
    const run = await startRelease({ strategy: { kind: 'first' }, script: blindFor(3) });
    expect((await run.result()).phase).toBe('completed');
    expect(run.fleet.calls.filter(({ name }) => name === 'lookOnce').length).toBeGreaterThan(2);
    expect(run.release.story.filter((said) => said === 'shiftTraffic 10000')).toHaveLength(1);
  });

  it('keeps the promotion from happening until the run itself sees', async () => {
    const run = await startRelease({ steps: { bakeMs: 0 }, does: { retireInstances: ['held', 'done'] } });
    await run.release.called('retireInstances');
    let looks = 0;
    run.fleet.change({ glance: () => ((looks += 1) < 3 ? secret : { kind: 'healthy' }) });
    run.release.releaseHeld();
    expect((await run.result()).phase).toBe('completed');
    expect(looks).toBe(3);
    expect(run.release.story.slice(-1)).toEqual(['promoteRelease']);
  });

  it('for minutes takes the run back, with what it could not read', async () => {
    const run = await startRelease({ script: blindFor(Infinity) });
    const reason = 'inconclusive: the watch is blind: the secret env:TOKEN cannot be read (SECRET_UNRESOLVED)';
    expect(await run.result()).toMatchObject({ phase: 'rolled-back', reason });
    expect(run.release.story).not.toContain('shiftTraffic 10000');
    expect(run.release.story.slice(-1)).toEqual(['removeInstances']);
  });

  it('does not keep a person waiting who wants the run back', async () => {
    const run = await startRelease({ script: blindFor(Infinity) });
    await run.fleet.called('lookOnce', 2);
    await run.command('rollBackRun');
    expect(await run.result()).toMatchObject({ phase: 'rolled-back', reason: 'ada: because' });
  });
});

describe('an environment that wants to be asked', () => {
  const environment = { ...aReleasePlan().environment, autoRollback: false, rollbackTimeoutMs: 6 * HOUR_MS };
  const asking = (over: ReleaseOptions): ReleaseOptions => ({
    plan: { environment },
    steps: { bakeMs: 4 * HOUR_MS },
    ...over,
  });

  async function asked(over: ReleaseOptions): Promise<RunWorld> {
    const run = await startRelease(asking(over));
    await run.journaled('step-started', /bake/);
    await run.sleep(HOUR_MS);
    await run.journaled('phase-changed', /resume, roll back or cancel/);
    return run;
  }

  it('lets a person accept the breach: the run goes on without that criterion', async () => {
    const run = await asked({ script: sickAfter(1_200_000) });
    run.fleet.change({ look: () => ({ kind: 'healthy' }) });
    await run.command('resumeRun', { by: 'grace' });
    await run.journaled('breach-accepted', /^grace accepts: p99 twice as slow/);
    expect((await run.result()).phase).toBe('completed');
  });

  it('lets a person roll back', async () => {
    const run = await asked({ script: sickAfter(1_200_000) });
    await run.command('rollBackRun');
    expect((await run.result()).phase).toBe('rolled-back');
    expect(run.release.story.slice(-2)).toEqual(BACK);
  });

  it('leaves both versions as they serve when nobody answers', async () => {
    const run = await startRelease(asking({ strategy: CANARY_RELEASE, script: sickAfter(1_200_000) }));
    expect(await run.result()).toMatchObject({
      phase: 'rollback-incomplete',
      left: 2,
      reason:
        'nobody answered in time: p99 twice as slow: resume, roll back or cancel?; the new version keeps 10 % of the traffic',
    });
    expect(run.release.story).not.toContain('returnTraffic');
    expect(run.release.ledger).toMatchObject({ started: [1, 2], old: 2, weightBasisPoints: 1_000 });
  });

  it('takes a failed step again when somebody resumes', async () => {
    const run = await startRelease(asking({ does: { verifyInstances: ['unhealthy', 'done'] } }));
    await run.journaled('phase-changed', /paused: verifyInstances: bad/);
    await run.command('resumeRun');
    expect((await run.result()).phase).toBe('completed');
    expect(run.release.story.filter((call) => call.startsWith('verify'))).toHaveLength(2);
    expect((await run.view()).traffic?.instances).toEqual({ wanted: 2, started: 2, ready: 2 });
  });
});
