// A wave in which nothing moves for the progress deadline of its plan.
import { describe, expect, it } from 'vitest';
import type { OfferWaveInput } from '#domain/ports/fleet.port.ts';
import { bake, DAY_MS, HOUR_MS, offer } from '../support/runs/plan-builder.ts';
import { offeredWaves, runsOfThisFile, story } from '../support/runs/with-run.ts';
import type { RunWorld } from '../support/runs/run-world.ts';

const startRun = runsOfThisFile();
const progressDeadlineMs = 2 * HOUR_MS;
const steps = [offer(1, { progressDeadlineMs }), bake(1, DAY_MS), offer(2, { progressDeadlineMs })];
const asking = { name: 'production', stage: 'production', autoRollback: false, rollbackTimeoutMs: 6 * HOUR_MS };
const stalled = /no progress within 2 h: 4 devices waited for/;

const inputs = (run: RunWorld): OfferWaveInput[] =>
  run.fleet.calls.filter(({ name }) => name === 'offerWave').map(({ input }) => input as OfferWaveInput);

describe('a wave that stands still', () => {
  it('takes the run back as a breach does, with the evidence', async () => {
    const run = await startRun({ plan: { steps }, script: { offers: { 1: 'stalled' } } });
    expect(await run.result()).toMatchObject({
      phase: 'rolled-back',
      reason: expect.stringMatching(stalled) as string,
    });
    const breach = run.fleet.journal(run.runId).find(({ type }) => type === 'breach');
    expect(breach).toMatchObject({
      summary: expect.stringMatching(stalled) as string,
      data: { evidence: 'evd_stall' },
    });
    expect((await run.view()).waves[0]).toMatchObject({ state: 'stopped', counts: { queued: 4 } });
    expect(offeredWaves(run)).toEqual([1]);
  });

  it('pauses the run and asks where the environment wants that, and has its whole time again when somebody resumes', async () => {
    const script = { offers: { 1: ['stalled', 'stalled', 'passed'] as const } };
    const run = await startRun({ plan: { steps, environment: asking }, script });
    for (const times of [1, 2]) {
      await run.fleet.called('holdOffers', times);
      await run.journaled('phase-changed', /resume, roll back or cancel/);
      expect((await run.view()).state).toMatchObject({ phase: 'paused', by: 'sluice' });
      await run.command('resumeRun');
    }
    expect((await run.result()).phase).toBe('completed');
    expect(inputs(run).map((one) => one.progressDeadlineMs)).toEqual(Array(4).fill(progressDeadlineMs));
    expect(story(run)).toContainEqual(
      expect.stringMatching(/accepts: .*no progress.*; watched from now on: failure rate/),
    );
  });

  it('ends as nobody answers, offering nothing more', async () => {
    const run = await startRun({ plan: { steps, environment: asking }, script: { offers: { 1: 'stalled' } } });
    expect((await run.result()).phase).toBe('rollback-incomplete');
    expect(offeredWaves(run)).toEqual([1]);
  });
});

it('is not looked for where the plan has no such deadline', async () => {
  const run = await startRun({ plan: { steps: [offer(1), offer(2)] } });
  expect((await run.result()).phase).toBe('completed');
  for (const input of inputs(run)) expect(input).not.toHaveProperty('progressDeadlineMs');
});
