// An environment that wants to be asked: a breach pauses the run, and a person decides.
import { describe, expect, it } from 'vitest';
import type { FleetPlan } from '#domain/plan/plan.ts';
import type { HealthCheck } from '#domain/plan/health-check.ts';
import type { OfferWaveInput } from '#domain/ports/fleet.port.ts';
import type { Verdict, WatchInput } from '#domain/ports/watch.port.ts';
import { bake, DAY_MS, HOUR_MS, offer, WATCH } from '../support/runs/plan-builder.ts';
import { offeredWaves, runsOfThisFile, story } from '../support/runs/with-run.ts';
import type { RunWorld } from '../support/runs/run-world.ts';

const startRun = runsOfThisFile();
const steps = [offer(1), bake(1, DAY_MS), offer(2)];
const health: HealthCheck = {
  ...{ type: 'http', name: 'api', url: 'http://127.0.0.1/', method: 'GET' },
  ...{ timeoutMs: 1_000, expectedStatus: 200, retryCount: 0 },
};
const asking: Partial<FleetPlan> = {
  environment: { name: 'production', stage: 'production', autoRollback: false, rollbackTimeoutMs: 6 * HOUR_MS },
  watch: { ...WATCH, healthChecks: [health] },
  steps,
};
const sick = { kind: 'unhealthy', criterion: 'health-check', summary: 'health failed', evidence: 'evd_1' } as const;
/** Healthy until `afterMs` of the watch's life. */
const after = (afterMs: number, found: Verdict) => ({
  look: ({ elapsedMs }: { elapsedMs: number }) => (elapsedMs >= afterMs ? found : { kind: 'healthy' as const }),
});
const sickAfter = (afterMs: number) => after(afterMs, sick);
const rate = (failureRatePercent: number) =>
  ({ kind: 'unhealthy', criterion: 'failure-rate', failureRatePercent, summary: 'too many', evidence: null }) as const;

/** A run that asks about what its watch found in the bake. */
async function asked(script: Parameters<typeof startRun>[0]): Promise<RunWorld> {
  const run = await startRun({ plan: asking, ...script });
  await run.journaled('step-started', /bake/);
  await run.sleep(3 * HOUR_MS);
  await run.journaled('phase-changed', /resume, roll back or cancel/);
  return run;
}

/** The criteria of each watch that was started, in order. */
const watches = (run: RunWorld): object[] => {
  const all = run.fleet.calls.filter(({ name }) => name === 'watchCriteria');
  const texts = all.map(({ input }) => JSON.stringify((input as WatchInput).watch.criteria));
  return texts.filter((text, at) => text !== texts[at - 1]).map((text) => JSON.parse(text) as object);
};

describe('a run that asks', () => {
  it('is paused with the evidence and goes on when somebody resumes', async () => {
    const run = await asked({ script: sickAfter(HOUR_MS) });
    expect((await run.view()).state).toMatchObject({
      phase: 'paused',
      by: 'sluice',
      reason: expect.stringContaining('health failed') as string,
    });
    run.fleet.change({ look: () => ({ kind: 'healthy' }) });
    await run.command('resumeRun');
    expect((await run.result()).phase).toBe('completed');
    expect(offeredWaves(run)).toEqual([1, 2]);
  });

  it('is taken back when somebody says so', async () => {
    const run = await asked({ script: sickAfter(HOUR_MS) });
    await run.command('rollBackRun');
    expect((await run.result()).phase).toBe('rolled-back');
  });

  it('ends as rollback-incomplete when nobody answers in time', async () => {
    const run = await startRun({ plan: asking, script: sickAfter(HOUR_MS) });
    expect(await run.result()).toMatchObject({ phase: 'rollback-incomplete', left: 10 });
    expect(run.fleet.calls.map(({ name }) => name)).not.toContain('rollBackFleet');
    expect(story(run)).toContainEqual(expect.stringContaining('health failed'));
  });

  it('asks even while somebody had paused it, and shows the question', async () => {
    const run = await startRun({ plan: asking, script: sickAfter(HOUR_MS) });
    await run.journaled('step-started', /bake/);
    await run.command('pauseRun', { reason: 'lunch' });
    await run.sleep(3 * HOUR_MS);
    await run.journaled('phase-changed', /paused: health failed/);
    expect((await run.view()).state).toMatchObject({
      phase: 'paused',
      reason: expect.stringContaining('health failed') as string,
    });
    await run.command('rollBackRun');
    expect((await run.result()).phase).toBe('rolled-back');
  });
});

describe('a breach that a person accepts', () => {
  it('of the failure rate raises its limit to what was seen: worse than that asks again', async () => {
    const run = await asked({ script: after(HOUR_MS, rate(33.34)) });
    run.fleet.change({ look: () => ({ kind: 'healthy' }) });
    const view = await run.command('resumeRun', { by: 'grace' });
    expect(view.criteria).toEqual({ ...WATCH.criteria, maxFailureRatePercent: 33.4 });
    await run.journaled(
      'breach-accepted',
      /^grace accepts: too many; watched from now on: failure rate up to 33.4 %, 1 health check$/,
    );
    run.fleet.change({ look: () => rate(60) });
    await run.sleep(2 * HOUR_MS);
    await run.journaled('phase-changed', /resume, roll back or cancel/);
    expect(watches(run)).toEqual([WATCH.criteria, { ...WATCH.criteria, maxFailureRatePercent: 33.4 }]);
    await run.command('rollBackRun');
    expect((await run.result()).phase).toBe('rolled-back');
  });

  it('of a wave is accepted for the waves as well', async () => {
    const run = await startRun({ plan: asking, script: { offers: { 1: ['breach', 'passed'] } } });
    await run.journaled('phase-changed', /resume, roll back or cancel/);
    await run.command('resumeRun');
    expect((await run.result()).phase).toBe('completed');
    const limits = run.fleet.calls
      .filter(({ name }) => name === 'offerWave')
      .map(({ input }) => (input as OfferWaveInput).criteria.maxFailureRatePercent);
    expect(limits).toEqual([10, 40, 40]);
  });

  it('of a health check leaves the other criteria watched', async () => {
    const run = await asked({ script: sickAfter(HOUR_MS) });
    run.fleet.change({ look: () => ({ kind: 'healthy' }) });
    await run.command('resumeRun');
    await run.journaled('breach-accepted', /watched from now on: failure rate up to 10 %$/);
    expect((await run.result()).phase).toBe('completed');
    expect(watches(run)).toEqual([WATCH.criteria, { ...WATCH.criteria, onHealthCheckFailure: false }]);
  });

  it('that was none, because nobody could see, goes on watching everything', async () => {
    const blind = { kind: 'inconclusive', why: '5 looks saw nothing' } as const;
    const run = await asked({ script: after(HOUR_MS, blind) });
    run.fleet.change({ look: () => ({ kind: 'healthy' }) });
    await run.command('resumeRun');
    await run.journaled('breach-accepted', /watched from now on: failure rate up to 10 %, 1 health check$/);
    run.fleet.change({ look: () => sick });
    await run.sleep(2 * HOUR_MS);
    await run.journaled('breach', /health failed/);
    expect(watches(run)).toEqual([WATCH.criteria]);
    await run.command('rollBackRun');
    expect((await run.result()).phase).toBe('rolled-back');
  });
});

describe('a wave below its success threshold', () => {
  it('pauses the run with the reason; a resume accepts it', async () => {
    const run = await startRun({ script: { offers: { 2: 'short' } } });
    await run.journaled('step-started', /wave 1/);
    await run.sleep(DAY_MS);
    await run.journaled('phase-changed', /paused: below the success threshold/);
    expect(offeredWaves(run)).toEqual([1, 2]);
    await run.command('resumeRun');
    expect((await run.result()).phase).toBe('completed');
  });

  it('pauses before the verdict when it is the last one', async () => {
    const run = await startRun({ plan: { steps: [offer(1)] }, script: { offers: { 1: 'short' } } });
    await run.journaled('phase-changed', /below the success threshold/);
    await run.command('rollBackRun');
    expect((await run.result()).phase).toBe('rolled-back');
  });
});
