import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import type { OfferWaveInput } from '#domain/ports/fleet.port.ts';
import { endedCounts } from '../support/fakes/fleet-script.ts';
import { gate, SLOT_STEPS, SLOT_WAVES } from '../support/runs/plan-builder.ts';
import { offeredWaves, runsOfThisFile } from '../support/runs/with-run.ts';

const startRun = runsOfThisFile();
const looks = gate({
  gate: 'health_check',
  id: 'gate-staged-health_check',
  check: { run: 'health_check', checks: [] },
});
const [stage, ...switching] = SLOT_STEPS;
const plan = { waves: SLOT_WAVES, steps: [...(stage ? [stage] : []), looks, ...switching] };

describe('a run that fills slots first', () => {
  it('stages, looks, and activates within the time of the switch', async () => {
    const run = await startRun({ plan });
    expect((await run.result()).phase).toBe('completed');
    const names = run.fleet.calls.map(({ name }) => name).filter((name) => /offerWave|evaluateGate/.test(name));
    expect(names).toEqual(['offerWave', 'evaluateGate', 'offerWave']);
    const [first, second] = run.fleet.calls.filter(({ name }) => name === 'offerWave');
    const deadline = (call: typeof first): number => Date.parse((call?.input as OfferWaveInput).deadlineAt);
    // An hour for the first one, five minutes for the second.
    expect(deadline(first) - deadline(second)).toBeGreaterThan(50 * 60_000);
    expect((await run.view()).waves.map(({ label }) => label)).toEqual(['stage on 100 %', 'activate on 100 %']);
  });

  it('goes no further than the staging when the look at it fails', async () => {
    const run = await startRun({ plan, script: { gates: { health_check: 'failed' } } });
    expect((await run.result()).phase).toBe('rolled-back');
    expect(offeredWaves(run)).toEqual([1]);
  });

  it('does not go on to the activation before all were offered their staging', async () => {
    const late = { kind: 'passed', counts: endedCounts(10), unreleased: 5, examples: [] } as const;
    const run = await startRun({ plan, script: { offers: { 1: [late, 'passed'] } } });
    await run.journaled('phase-changed', /5 devices were not offered/);
    await run.command('resumeRun');
    expect((await run.result()).phase).toBe('completed');
    expect(offeredWaves(run)).toEqual([1, 1, 2]);
  });

  it('counts nobody as on the new version who was only staged, where the fleet cannot be asked', async () => {
    const broken = ApplicationFailure.nonRetryable('no such plan: plan_test', 'PLAN_NOT_FOUND');
    const run = await startRun({ plan, script: { offers: { 2: 'breach' }, rollback: broken, count: broken } });
    expect((await run.result()).phase).toBe('rollback-incomplete');
    // Ten were staged and ten activated: ten devices.
    expect((await run.view()).state).toMatchObject({ left: 10 });
  });
});
