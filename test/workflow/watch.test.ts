import { describe, expect, it } from 'vitest';
import { ApplicationFailure } from '@temporalio/common';
import type { Step } from '#domain/plan/steps.ts';
import type { Unhealthy } from '#domain/ports/watch.port.ts';
import { approve, bake, DAY_MS, gate, HOUR_MS, offer, WATCH } from '../support/runs/plan-builder.ts';
import type { FakeFleet } from '../support/fakes/fake-fleet.ts';
import type { FleetScript } from '../support/fakes/fleet-script.ts';
import { offeredWaves, runsOfThisFile, story } from '../support/runs/with-run.ts';
import type { RunWorld } from '../support/runs/run-world.ts';

const startRun = runsOfThisFile();
const bad = { kind: 'unhealthy', criterion: 'health-check', summary: 'health failed', evidence: 'evd_1' } as const;
/** Real time passes while an activity runs, so the watch has to look often where one is held. */
const watchOften = { ...WATCH, everyMs: 50 };

interface Middle {
  readonly steps: readonly Step[];
  readonly script: FleetScript;
  /** Resolves in the middle of the step in question. */
  readonly reached: (run: RunWorld) => Promise<void>;
  /** The effects until then; a run that is stopped calls none any more, besides its way back. */
  readonly effects: readonly string[];
}

const command = gate({ gate: 'performance_test' });
const MIDDLES: Readonly<Record<string, Middle>> = {
  'an offer': {
    steps: [offer(1), offer(2), offer(3)],
    script: { offers: { 2: 'held' } },
    reached: (run) => run.fleet.called('offerWave', 2),
    effects: ['offerWave 1', 'offerWave 2'],
  },
  'a bake': {
    steps: [offer(1), bake(1, DAY_MS), offer(2)],
    script: {},
    reached: (run) => run.journaled('step-started', /bake/),
    effects: ['offerWave 1'],
  },
  'a gate': {
    steps: [offer(1), command, offer(2)],
    script: { gates: { performance_test: 'held' } },
    reached: (run) => run.fleet.called('evaluateGate'),
    effects: ['offerWave 1', 'evaluateGate performance_test'],
  },
  'an approval': {
    steps: [offer(1), approve({ id: 'approve-2', opens: 'wave 2' }), offer(2)],
    script: {},
    reached: (run) => run.journaled('phase-changed', /approval of wave 2: waits/),
    effects: ['offerWave 1'],
  },
};

const CRITERIA: readonly Unhealthy['criterion'][] = ['failure-rate', 'health-check'];
const CASES = Object.keys(MIDDLES).flatMap((where) => CRITERIA.map((criterion) => [criterion, where] as const));

/** What was done to the fleet or asked of it, in order, up to the way back. */
function effectsOf({ calls }: FakeFleet): string[] {
  return calls.flatMap(({ name, input }) => {
    if (name === 'offerWave') return [`offerWave ${(input as { wave: number }).wave}`];
    if (name === 'evaluateGate') return [`evaluateGate ${(input as { step: { gate: string } }).step.gate}`];
    return name === 'rollBackFleet' || name === 'reopenOffers' ? [name] : [];
  });
}

describe('a criterion that becomes true', () => {
  it.each(CASES)('(%s) in the middle of %s stops the run before the next effect', async (criterion, where) => {
    const middle = MIDDLES[where];
    if (!middle) throw new Error(`no case ${where}`);
    const run = await startRun({ plan: { steps: middle.steps, watch: watchOften }, script: middle.script });
    await middle.reached(run);
    run.fleet.breach(criterion, `${criterion} in ${where}`);
    await run.journaled('breach', /./);
    expect(await run.result()).toMatchObject({ phase: 'rolled-back', reason: `${criterion} in ${where}` });
    expect(effectsOf(run.fleet)).toEqual([...middle.effects, 'rollBackFleet']);
  });

  it('of its own wave stops the run before the next effect', async () => {
    const run = await startRun({ script: { offers: { 1: 'breach' } } });
    expect((await run.result()).phase).toBe('rolled-back');
    expect(offeredWaves(run)).toEqual([1]);
  });

  it('between two looks is found before the next wave is offered', async () => {
    const run = await startRun({ plan: { steps: [offer(1), offer(2)] }, script: { glance: () => bad } });
    expect(await run.result()).toMatchObject({ phase: 'rolled-back', reason: 'health failed' });
    expect(offeredWaves(run)).toEqual([1]);
  });

  it('after the last step is found before the promotion', async () => {
    const run = await startRun({ plan: { steps: [offer(1)] }, script: { glance: () => bad } });
    expect(await run.result()).toMatchObject({ phase: 'rolled-back', reason: 'health failed' });
  });

  it('before the first effect is nobody’s business', async () => {
    const run = await startRun({ plan: { steps: [bake(1, DAY_MS)] }, script: { look: () => bad } });
    expect((await run.result()).phase).toBe('completed');
  });
});

describe('a look before going on that cannot see', () => {
  const secret = ApplicationFailure.nonRetryable('the secret env:TOKEN cannot be read', 'SECRET_UNRESOLVED');
  const steps = [offer(1), bake(1, HOUR_MS), offer(2)];

  it('is repeated, and the run goes on when it sees', async () => {
    let looks = 0;
    const glance = () => ((looks += 1) < 3 ? secret : ({ kind: 'healthy' } as const));
    const run = await startRun({ plan: { steps }, script: { glance } });
    expect((await run.result()).phase).toBe('completed');
    expect(looks).toBeGreaterThanOrEqual(3);
    expect(run.fleet.calls.map(({ name }) => name)).not.toContain('rollBackFleet');
  });

  it('for minutes counts as a breach, with what it could not read', async () => {
    const run = await startRun({ plan: { steps }, script: { glance: () => secret } });
    const blind = 'inconclusive: the watch is blind: the secret env:TOKEN cannot be read (SECRET_UNRESOLVED)';
    expect(await run.result()).toMatchObject({ phase: 'rolled-back', reason: blind });
    expect(offeredWaves(run)).toEqual([1]);
    expect(run.fleet.calls.filter(({ name }) => name === 'lookOnce').length).toBeGreaterThan(4);
  });
});

it('a watch that gives up says why in the words of what failed', async () => {
  const gone = ApplicationFailure.nonRetryable('no such plan: plan_test', 'PLAN_NOT_FOUND');
  const run = await startRun({
    plan: { steps: [offer(1), bake(1, DAY_MS)] },
    script: { look: ({ look }) => (look > 2 ? gone : { kind: 'healthy' }) },
  });
  const reason = 'inconclusive: the watch is blind: no such plan: plan_test (PLAN_NOT_FOUND)';
  expect(await run.result()).toMatchObject({ phase: 'rolled-back', reason });
  expect(story(run)).toContainEqual(reason);
});
