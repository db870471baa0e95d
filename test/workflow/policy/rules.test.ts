// Rules of an environment before each step: what they keep from its beginning, and what people can do about it.
import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { policyChanged } from '../../../workflows/runtime/run.messages.ts';
import { rule } from '../../support/policy/rule-book.ts';
import { aReleasePlan } from '../../support/runs/container-plan-builder.ts';
import { approve, bake, DAY_MS, gate, HOUR_MS, offer } from '../../support/runs/plan-builder.ts';
import type { RunWorld } from '../../support/runs/run-world.ts';
import { offeredWaves, refused, runsOfThisFile, story } from '../../support/runs/with-run.ts';
import { MINUTE_MS } from '../../support/windows/coming-windows.ts';

const startRun = runsOfThisFile();
const TWO = { steps: [offer(1), bake(1, HOUR_MS), offer(2)] };
const FIRST_ONLY = rule('first-only', 'step.wave <= 1', ['offer']);
const NEVER = rule('never', 'false', ['offer']);

const denials = (run: RunWorld) => run.fleet.journal(run.runId).filter(({ type }) => type === 'policy-denied');
const started = (run: RunWorld) => run.fleet.journal(run.runId).filter(({ type }) => type === 'step-started');
const isPaused = (run: RunWorld): Promise<void> => run.journaled('phase-changed', /paused/);

describe('a run whose environment has rules', () => {
  it('asks them before each step with what it knows, and says which rules they were', async () => {
    const run = await startRun({
      plan: { steps: [approve(), ...TWO.steps] },
      rules: [rule('approved', 'step.kind == "approve" || "ada" in approvals.people')],
    });
    await run.journaled('phase-changed', /waits/);
    await run.approve('ada');
    expect((await run.result()).phase).toBe('completed');
    expect(run.policy.asked.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    expect(run.policy.asked.at(-1)).toMatchObject({
      approvedBy: ['ada'],
      counts: { succeeded: 10 },
      priority: 'normal',
    });
    const rules = started(run).map(({ data }) => data['rules']);
    expect(new Set(rules).size).toBe(1);
    expect(rules[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(denials(run)).toEqual([]);
  });

  it('does not begin a step that a rule denies: it pauses, names rule and values, and goes on when it is asked again', async () => {
    const run = await startRun({ plan: TWO, rules: [FIRST_ONLY], maxCachedWorkflows: 0 });
    await run.sleep(2 * HOUR_MS);
    await isPaused(run);
    expect(offeredWaves(run)).toEqual([1]);
    expect(denials(run)).toMatchObject([
      {
        summary: 'wave 2 of 3: offer to 50 % does not begin: policy first-only denies it: first-only has to hold',
        data: {
          step: 'offer-2',
          index: 2,
          rules: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
          denials: [{ rule: 'first-only', when: 'step.wave <= 1', why: 'false', values: { 'step.wave': 2 } }],
        },
      },
    ]);
    const { state, openGates } = await run.view();
    expect(state).toMatchObject({ phase: 'paused', by: 'sluice' });
    expect(openGates).toEqual([{ id: 'policy-first-only', settledBy: 'check' }]);
    await run.command('resumeRun');
    await run.journaled('command-accepted', /resume/);
    await run.sleep(MINUTE_MS);
    expect(denials(run)).toHaveLength(2);
    run.policy.rules = [];
    await run.command('resumeRun');
    expect((await run.result()).phase).toBe('completed');
    expect(offeredWaves(run)).toEqual([1, 2]);
    expect(story(run).filter((line) => line.startsWith('wave 2 of 3') && line.endsWith('offer to 50 %'))).toHaveLength(
      1,
    );
  });

  it('waits for the time that a rule asks for, by the clock of the run', async () => {
    const at = new Date(Date.now() + 3 * DAY_MS).toISOString();
    const run = await startRun({ plan: TWO, rules: [rule('later', `now.at > timestamp("${at}")`, ['offer'])] });
    await isPaused(run);
    await run.sleep(4 * DAY_MS);
    await run.command('resumeRun');
    expect((await run.result()).phase).toBe('completed');
    expect(denials(run)).toHaveLength(1);
  });

  it('denies what cannot be evaluated, with the reason', async () => {
    const run = await startRun({
      plan: TWO,
      rules: [rule('broken', '10 / step.wave > 0 && approvals.people[0] == "ada"')],
    });
    await isPaused(run);
    expect(denials(run)[0]?.data).toMatchObject({ denials: [{ rule: 'broken', why: 'unevaluable' }] });
    expect(offeredWaves(run)).toEqual([]);
  });

  it('tells of the first of many rules that deny, and keeps all', async () => {
    const rules = [1, 2, 3, 4, 5].map((at) => rule(`rule-${at}`, `step.index == ${at + 7}`));
    const run = await startRun({ plan: TWO, rules });
    await run.journaled('phase-changed', /rule-3 denies it: .*; and 2 more rules \(resume asks again/);
    expect(denials(run)[0]?.data['denials']).toHaveLength(5);
    expect((await run.view()).openGates).toHaveLength(5);
  });

  it('pauses when the rules cannot be had, and nobody can override what nobody knows', async () => {
    const run = await startRun({ plan: { steps: [approve(), offer(1)] }, rules: [FIRST_ONLY] });
    await run.journaled('phase-changed', /waits/);
    run.policy.failure = ApplicationFailure.nonRetryable('stored by another version', 'CONFIG_INVALID');
    await run.approve('ada');
    await run.journaled('phase-changed', /policy could not be asked: .*stored by another version/);
    await expect(run.command('overrideGate', { gate: 'policy-first-only' })).rejects.toMatchObject(
      refused('GATE_UNKNOWN'),
    );
    run.policy.failure = null;
    await run.command('resumeRun');
    expect((await run.result()).phase).toBe('completed');
  });

  it('asks a rule only before the kinds of steps that it names', async () => {
    const run = await startRun({
      plan: { steps: [gate(), ...TWO.steps] },
      rules: [rule('no-bake', 'false', ['bake'])],
    });
    await isPaused(run);
    expect(started(run).map(({ data }) => data['step'])).toEqual(['gate-firmware_validation', 'offer-1']);
  });

  it('begins no step under a pause that came while it asked', async () => {
    const run = await startRun({ plan: { steps: [approve(), offer(1)] }, rules: [FIRST_ONLY] });
    await run.journaled('phase-changed', /waits/);
    await run.command('pauseRun');
    await run.approve('ada');
    expect(offeredWaves(run)).toEqual([]);
    await run.command('resumeRun');
    expect((await run.result()).phase).toBe('completed');
  });
});

describe('an override of a rule', () => {
  it('is one person’s word with a reason, for the rest of the run, and stands beside each step', async () => {
    const run = await startRun({ plan: TWO, rules: [NEVER] });
    await isPaused(run);
    await expect(run.command('overrideGate', { gate: 'never', by: 'lin' })).rejects.toMatchObject(
      refused('APPROVAL_BY_AUTHOR'),
    );
    await expect(run.command('overrideGate', { gate: 'never', roles: [] })).rejects.toMatchObject(
      refused('APPROVAL_ROLE_MISSING'),
    );
    await run.command('overrideGate', { gate: 'never', reason: 'the customer asked' });
    await run.command('resumeRun');
    expect((await run.result()).phase).toBe('completed');
    expect(offeredWaves(run)).toEqual([1, 2]);
    expect(story(run)).toContainEqual(expect.stringContaining('policy-never overridden by ada'));
    const offers = started(run).filter(({ data }) => String(data['step']).startsWith('offer'));
    expect(offers.map(({ data }) => data['overridden'])).toEqual([['never'], ['never']]);
  });

  it('does not hold for the rule as it is written anew', async () => {
    const run = await startRun({ plan: TWO, rules: [NEVER] });
    await isPaused(run);
    await run.command('overrideGate', { gate: 'policy-never' });
    await run.command('resumeRun');
    await run.journaled('step-started', /bake/);
    run.policy.rules = [rule('never', '1 > 2', ['offer'])];
    await run.sleep(2 * HOUR_MS);
    expect(offeredWaves(run)).toEqual([1]);
    expect((await run.view()).state).toMatchObject({ phase: 'paused' });
  });

  it('is refused while no rule denies anything', async () => {
    const run = await startRun({ plan: TWO, rules: [FIRST_ONLY] });
    await run.journaled('step-started', /bake/);
    await expect(run.command('overrideGate', { gate: 'policy-first-only' })).rejects.toMatchObject(
      refused('GATE_UNKNOWN'),
    );
  });
});

describe('the way back of a run that is denied', () => {
  it('asks no rule', async () => {
    const run = await startRun({ plan: TWO, rules: [FIRST_ONLY] });
    await run.sleep(2 * HOUR_MS);
    await isPaused(run);
    run.policy.rules = [rule('nothing', 'false')];
    const asked = run.policy.asked.length;
    await run.command('rollBackRun');
    expect((await run.result()).phase).toBe('rolled-back');
    expect(run.policy.asked).toHaveLength(asked);
  });

  it('of a release asks none either, and a cancel ends it', async () => {
    const run = await startRun({ containers: aReleasePlan(), rules: [rule('no-traffic', 'false', ['shift'])] });
    await isPaused(run);
    await run.command('cancelRun');
    expect((await run.result()).phase).toBe('cancelled');
    expect(denials(run)).toHaveLength(1);
  });

  it('is taken for a breach that comes while it waits', async () => {
    const bad = { kind: 'unhealthy', criterion: 'health-check', summary: 'health failed', evidence: 'evd_1' } as const;
    const run = await startRun({
      plan: TWO,
      rules: [FIRST_ONLY],
      script: { look: ({ elapsedMs }) => (elapsedMs > 6 * HOUR_MS ? bad : { kind: 'healthy' }) },
    });
    expect((await run.result()).phase).toBe('rolled-back');
    expect(denials(run)).toHaveLength(1);
  });
});

describe('requests that wait at the router', () => {
  it('do not wait for people: no rule is asked until they are let go', async () => {
    const containers = aReleasePlan({ strategy: { kind: 'recreate' } });
    const run = await startRun({ containers, rules: [rule('known', 'step.kind != "bake"')] });
    await run.journaled('step-ended', /releaseRequests/);
    const kinds = run.policy.asked.map(({ index }) => containers.steps[index]);
    expect(kinds.filter((step) => step?.kind === 'hold')).toMatchObject([{ action: 'begin' }]);
  });
});

describe('a run that was started before there were rules', () => {
  it('asks nobody', async () => {
    const run = await startRun({ plan: TWO });
    expect((await run.result()).phase).toBe('completed');
    expect(run.policy.asked).toEqual([]);
  });

  it('asks from its next step on once it is told, and says so', async () => {
    const run = await startRun({ plan: TWO });
    await run.journaled('step-started', /bake/);
    run.policy.rules = [FIRST_ONLY];
    await run.handle.signal(policyChanged);
    await run.handle.signal(policyChanged);
    await run.journaled('policy-applies');
    expect(await run.view()).toMatchObject({ asksPolicy: true });
    await run.sleep(2 * HOUR_MS);
    await isPaused(run);
    expect(offeredWaves(run)).toEqual([1]);
    expect(run.fleet.journal(run.runId).filter(({ type }) => type === 'policy-applies')).toHaveLength(1);
  });
});
