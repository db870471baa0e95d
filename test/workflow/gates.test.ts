import { describe, expect, it } from 'vitest';
import { ApplicationFailure } from '@temporalio/common';
import { approve, bake, CANARY, DAY_MS, gate, offer } from '../support/runs/plan-builder.ts';
import { offeredWaves, refused, runsOfThisFile, story } from '../support/runs/with-run.ts';

const startRun = runsOfThisFile();
const away = ApplicationFailure.nonRetryable('PostgreSQL: the database is away', 'DATABASE_ERROR');

describe('a gate', () => {
  it('that is required and fails ends the run before any effect', async () => {
    const run = await startRun({
      plan: { steps: [gate(), ...CANARY] },
      script: { gates: { firmware_validation: 'failed' } },
    });
    expect((await run.result()).phase).toBe('failed');
    expect(offeredWaves(run)).toEqual([]);
  });

  it('that has nothing to run fails where it is required, and passes where it is not', async () => {
    const none = gate({ gate: 'security_scan', check: { run: 'none' } });
    const script = { gates: { security_scan: 'not_evaluated' } } as const;
    const required = await startRun({ plan: { steps: [none, ...CANARY] }, script });
    expect((await required.result()).phase).toBe('failed');
    const optional = await startRun({ plan: { steps: [{ ...none, required: false }, ...CANARY] }, script });
    expect((await optional.result()).phase).toBe('completed');
    expect(story(optional)).toContainEqual(expect.stringContaining('security_scan not evaluated'));
  });

  it('after the rollout that fails takes the fleet back', async () => {
    const after = gate({ gate: 'health_check', phase: 'post' });
    const run = await startRun({ plan: { steps: [...CANARY, after] }, script: { gates: { health_check: 'failed' } } });
    expect((await run.result()).phase).toBe('rolled-back');
  });
});

describe('a gate that could not be evaluated', () => {
  const after = gate({ gate: 'functionality_test', phase: 'post' });
  const inconclusive = { kind: 'inconclusive', summary: 'the database is away', evidence: null } as const;

  it.each([
    ['because its activity gave up', away],
    ['because it says so', inconclusive],
  ])('and is not required stops nothing (%s)', async (_why, found) => {
    const steps = [offer(1), { ...after, required: false }];
    const run = await startRun({ plan: { steps }, script: { gates: { functionality_test: found } } });
    expect((await run.result()).phase).toBe('completed');
    expect(story(run)).toContainEqual(expect.stringContaining('functionality_test could not be evaluated'));
  });

  it.each([
    ['because its activity gave up', away],
    ['because it says so', inconclusive],
  ])('and is required pauses the run, takes nothing back, and is tried again (%s)', async (_why, found) => {
    const run = await startRun({
      plan: { steps: [offer(1), after] },
      script: { gates: { functionality_test: found } },
    });
    await run.journaled('phase-changed', /paused: functionality_test could not be evaluated: .*the database is away/);
    expect((await run.view()).state).toMatchObject({ phase: 'paused', by: 'sluice' });
    expect(run.fleet.calls.map(({ name }) => name)).not.toContain('rollBackFleet');
    run.fleet.change({ gates: { functionality_test: 'passed' } });
    await run.command('resumeRun');
    expect((await run.result()).phase).toBe('completed');
  });

  it('passes after somebody with the role overrode it and resumed', async () => {
    const run = await startRun({ plan: { steps: [offer(1), after] }, script: { gates: { functionality_test: away } } });
    await run.journaled('phase-changed', /sluice run override .* --gate gate-functionality_test/);
    await run.command('overrideGate', { gate: after.id, reason: 'seen by hand' });
    await run.command('resumeRun');
    expect((await run.result()).phase).toBe('completed');
    expect(story(run)).toContainEqual(expect.stringContaining('overridden by ada: seen by hand'));
  });

  it('offers no override where nobody may give one', async () => {
    const run = await startRun({
      plan: { steps: [gate(), offer(1)] },
      script: { gates: { firmware_validation: away } },
    });
    await run.journaled('phase-changed', /paused: firmware_validation could not be evaluated/);
    const { state } = await run.view();
    expect(state).toMatchObject({ reason: expect.not.stringContaining('override') as string });
    await run.command('cancelRun');
    expect((await run.result()).phase).toBe('cancelled');
  });
});

describe('an override', () => {
  const late = gate({ gate: 'performance_test' });
  const steps = [bake(1, DAY_MS), late, ...CANARY];
  const script = { gates: { performance_test: 'failed' } } as const;

  it('given before lets a gate pass that fails, and stands in the journal as one', async () => {
    const run = await startRun({ plan: { steps }, script });
    await run.command('overrideGate', { gate: 'performance_test', reason: 'the test bench is down' });
    expect((await run.result()).phase).toBe('completed');
    expect(story(run)).toContainEqual(expect.stringMatching(/failed: .*; overridden by ada: the test bench is down/));
    const told = run.fleet.journal(run.runId).find(({ type }) => type === 'gate-overridden');
    expect(told).toMatchObject({
      summary: 'gate-performance_test overridden by ada (unverified): the test bench is down',
      data: { gate: late.id, by: 'ada', via: 'cli', verified: false, reason: 'the test bench is down' },
    });
  });

  it.each([
    ['the plan’s author', { by: 'lin' }, 'APPROVAL_BY_AUTHOR'],
    ['somebody without the role', { roles: ['viewer'] }, 'APPROVAL_ROLE_MISSING'],
    ['nobody with a reason', { reason: '' }, 'REASON_REQUIRED'],
  ])('by %s is refused', async (_who, over, code) => {
    const run = await startRun({ plan: { steps }, script });
    const answer = run.command('overrideGate', { gate: late.id, reason: 'r', ...over });
    await expect(answer).rejects.toMatchObject(refused(code));
    expect((await run.result()).phase).toBe('failed');
  });

  it.each(['firmware_validation', 'device_compatibility_check'] as const)('of %s is refused', async (name) => {
    const builtIn = gate({ gate: name, check: { run: name } });
    const run = await startRun({
      plan: { steps: [bake(1, DAY_MS), builtIn, ...CANARY] },
      script: { gates: { [name]: 'failed' } },
    });
    const answer = run.command('overrideGate', { gate: name, reason: 'we know' });
    await expect(answer).rejects.toMatchObject(refused('GATE_BUILT_IN'));
    expect((await run.result()).phase).toBe('failed');
  });

  it('asks for the role that the plan’s environment has its approvers in', async () => {
    const environment = {
      ...{ name: 'production', stage: 'production', autoRollback: true, rollbackTimeoutMs: DAY_MS },
      approverRole: 'release-manager',
    };
    const run = await startRun({ plan: { environment, steps: [...steps, approve({ id: 'approve-4' })] }, script });
    const over = { gate: late.id, reason: 'r' };
    await expect(run.command('overrideGate', over)).rejects.toMatchObject(refused('APPROVAL_ROLE_MISSING'));
    const view = await run.command('overrideGate', { ...over, roles: ['release-manager'] });
    expect(view.approverRole).toBe('release-manager');
  });
});
