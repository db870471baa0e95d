import { describe, expect, it } from 'vitest';
import type { OfferWaveInput, WaveOutcome } from '#domain/ports/fleet.port.ts';
import { bake, HOUR_MS, offer } from '../support/runs/plan-builder.ts';
import { endedCounts } from '../support/fakes/fleet-script.ts';
import { offeredWaves, runsOfThisFile } from '../support/runs/with-run.ts';
import type { RunWorld } from '../support/runs/run-world.ts';

const startRun = runsOfThisFile();
const slow = (wave: number) => offer(wave, { maximumPerMinute: 10 });
const steps = [slow(1), slow(2), bake(2)];
/** A wave at its deadline, with targets that the rate limit kept back. */
const late = (kind: 'passed' | 'short', unreleased: number): WaveOutcome => ({
  kind,
  counts: endedCounts(10),
  unreleased,
  examples: [],
});

const deadlines = (run: RunWorld): number[] =>
  run.fleet.calls
    .filter(({ name }) => name === 'offerWave')
    .map(({ input }) => Date.parse((input as OfferWaveInput).deadlineAt));

describe('targets that the rate limit kept back to the end of a wave', () => {
  it.each(['passed', 'short'] as const)(
    'of the last one (%s) pause the run, which offers on after a resume',
    async (kind) => {
      const run = await startRun({
        plan: { steps },
        script: { offers: { 2: [late(kind, 30), late(kind, 1), 'passed'] } },
      });
      await run.journaled('phase-changed', /paused: 30 devices were not offered the version within the wave's time/);
      expect((await run.view()).waves[1]).toMatchObject({ state: 'short' });
      await run.sleep(2 * HOUR_MS);
      await run.command('resumeRun');
      await run.journaled('phase-changed', /paused: 1 device was not offered/);
      const [, first = 0, second = 0] = deadlines(run);
      // A whole time again, from the resume on.
      expect(second - first).toBeGreaterThanOrEqual(2 * HOUR_MS);
      await run.command('resumeRun');
      expect((await run.result()).phase).toBe('completed');
      expect(offeredWaves(run)).toEqual([1, 2, 2, 2]);
    },
  );

  it('of the last one can be left behind only by somebody who says so', async () => {
    const run = await startRun({ plan: { steps }, script: { offers: { 2: late('passed', 30) } } });
    await run.journaled('phase-changed', /30 devices were not offered/);
    await run.command('cancelRun', { reason: 'enough' });
    expect(await run.result()).toMatchObject({ phase: 'cancelled', reason: 'ada: enough' });
  });

  it('of an earlier one go on in the next', async () => {
    const run = await startRun({ plan: { steps }, script: { offers: { 1: late('passed', 5) } } });
    expect((await run.result()).phase).toBe('completed');
    expect(offeredWaves(run)).toEqual([1, 2]);
  });

  it('of an earlier one below its threshold pause the run once; a resume goes on', async () => {
    const run = await startRun({ plan: { steps }, script: { offers: { 1: late('short', 5) } } });
    await run.journaled('phase-changed', /paused: below the success threshold: .*5 not offered yet/);
    await run.command('resumeRun');
    expect((await run.result()).phase).toBe('completed');
    expect(offeredWaves(run)).toEqual([1, 2]);
  });
});

it('a last wave below its threshold with everything offered goes on after a resume', async () => {
  const run = await startRun({ plan: { steps }, script: { offers: { 2: 'short' } } });
  await run.journaled('phase-changed', /below the success threshold/);
  await run.command('resumeRun');
  expect((await run.result()).phase).toBe('completed');
  expect(offeredWaves(run)).toEqual([1, 2]);
});
