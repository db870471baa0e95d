import { describe, expect, it } from 'vitest';
import { approve, bake, DAY_MS, gate, HOUR_MS, offer } from '../support/runs/plan-builder.ts';
import { offeredWaves, runsOfThisFile, story } from '../support/runs/with-run.ts';
import type { Plan } from '#domain/plan/plan.ts';

const startRun = runsOfThisFile();
const bad = { kind: 'unhealthy', criterion: 'health-check', summary: 'health failed', evidence: 'evd_1' } as const;
/** Healthy until `afterMs` of the watch's life. */
const badAfter = (afterMs: number) => ({
  look: ({ elapsedMs }: { elapsedMs: number }) => (elapsedMs >= afterMs ? bad : { kind: 'healthy' as const }),
});
const asking: Partial<Plan> = {
  environment: { name: 'production', stage: 'production', autoRollback: false, rollbackTimeoutMs: 6 * HOUR_MS },
};

describe('a criterion that becomes true', () => {
  it('in an offer stops the run before the next effect', async () => {
    const run = await startRun({ script: { offers: { 1: 'breach' } } });
    expect((await run.result()).phase).toBe('rolled-back');
    expect(offeredWaves(run)).toEqual([1]);
  });

  it('in a bake stops the run before the next effect', async () => {
    const run = await startRun({ plan: { steps: [offer(1), bake(1, DAY_MS), offer(2)] }, script: badAfter(HOUR_MS) });
    expect(await run.result()).toMatchObject({ phase: 'rolled-back', reason: 'health failed' });
    expect(offeredWaves(run)).toEqual([1]);
  });

  it('in an approval stops the run before the next effect', async () => {
    const steps = [offer(1), approve({ id: 'approve-2' }), offer(2)];
    const run = await startRun({ plan: { steps }, script: badAfter(HOUR_MS) });
    expect((await run.result()).phase).toBe('rolled-back');
    expect(offeredWaves(run)).toEqual([1]);
  });

  it('in a manual gate stops the run before the next effect', async () => {
    const policy = { quorum: 1, role: 'tester', expiresInMs: null };
    const manual = gate({ gate: 'user_acceptance_test', check: { run: 'manual', policy } });
    const run = await startRun({ plan: { steps: [offer(1), manual, offer(2)] }, script: badAfter(HOUR_MS) });
    expect((await run.result()).phase).toBe('rolled-back');
    expect(offeredWaves(run)).toEqual([1]);
  });

  it('between two looks is found before the next wave is offered', async () => {
    const run = await startRun({
      plan: { steps: [offer(1), offer(2)], watch: { ...watchEvery(DAY_MS) } },
      script: { look: () => bad },
    });
    expect((await run.result()).phase).toBe('rolled-back');
    expect(offeredWaves(run)).toEqual([1]);
  });

  it('after the last step is found before the promotion', async () => {
    const run = await startRun({ plan: { steps: [offer(1)], watch: watchEvery(DAY_MS) }, script: { look: () => bad } });
    expect((await run.result()).phase).toBe('rolled-back');
  });

  it('before the first effect is nobody’s business', async () => {
    const run = await startRun({ plan: { steps: [bake(1, DAY_MS)] }, script: { look: () => bad } });
    expect((await run.result()).phase).toBe('completed');
  });
});

describe('an environment that wants to be asked', () => {
  const steps = [offer(1), bake(1, DAY_MS), offer(2)];

  it('is paused with the evidence and goes on when somebody resumes', async () => {
    const run = await startRun({ plan: { ...asking, steps }, script: badAfter(HOUR_MS) });
    await run.journaled('step-started', /bake/);
    await run.sleep(3 * HOUR_MS);
    await run.journaled('phase-changed', /health failed/);
    expect((await run.view()).state).toMatchObject({ phase: 'paused', by: 'sluice' });
    run.fleet.change({ look: () => ({ kind: 'healthy' }) });
    await run.command('resumeRun');
    expect((await run.result()).phase).toBe('completed');
    expect(offeredWaves(run)).toEqual([1, 2]);
  });

  it('is taken back when somebody says so', async () => {
    const run = await startRun({ plan: { ...asking, steps }, script: badAfter(HOUR_MS) });
    await run.journaled('step-started', /bake/);
    await run.sleep(3 * HOUR_MS);
    await run.command('rollBackRun');
    expect((await run.result()).phase).toBe('rolled-back');
  });

  it('ends as rollback-incomplete when nobody answers in time', async () => {
    const run = await startRun({ plan: { ...asking, steps }, script: badAfter(HOUR_MS) });
    expect(await run.result()).toMatchObject({ phase: 'rollback-incomplete', left: 10 });
    expect(run.fleet.calls.map(({ name }) => name)).not.toContain('rollBackFleet');
    expect(story(run)).toContainEqual(expect.stringContaining('health failed'));
  });

  it('is asked even while somebody had paused it, and sees the question', async () => {
    const run = await startRun({ plan: { ...asking, steps }, script: badAfter(HOUR_MS) });
    await run.journaled('step-started', /bake/);
    await run.command('pauseRun', { reason: 'lunch' });
    await run.sleep(3 * HOUR_MS);
    expect((await run.view()).state).toMatchObject({
      phase: 'paused',
      reason: expect.stringContaining('health failed') as string,
    });
    await run.command('rollBackRun');
    expect((await run.result()).phase).toBe('rolled-back');
  });

  it('is asked about a breach in a wave as well', async () => {
    const run = await startRun({ plan: { ...asking, steps }, script: { offers: { 1: ['breach', 'passed'] } } });
    await run.journaled('phase-changed', /resume, roll back or cancel/);
    await run.command('resumeRun');
    expect((await run.result()).phase).toBe('completed');
    const criteria = run.fleet.calls
      .filter(({ name }) => name === 'offerWave')
      .map(({ input }) => input as { criteria: object });
    expect(criteria[1]?.criteria).toMatchObject({ maxFailureRatePercent: null });
  });
});

describe('a wave below its success threshold', () => {
  it('pauses the run with the reason; a resume accepts it', async () => {
    const run = await startRun({ script: { offers: { 2: 'short' } } });
    await run.journaled('step-started', /wave 1/);
    await run.sleep(DAY_MS);
    expect((await run.view()).state).toMatchObject({
      phase: 'paused',
      reason: expect.stringContaining('below the success threshold') as string,
    });
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

function watchEvery(everyMs: number) {
  return {
    everyMs,
    criteria: { maxFailureRatePercent: 10, minimumExecuted: 10, onHealthCheckFailure: true },
    healthChecks: [],
  };
}
