// Whatever fails on the way out, a run ends in a closed phase that tells the truth, and its journal says so.
import { describe, expect, it } from 'vitest';
import { ApplicationFailure } from '@temporalio/common';
import { bake, DAY_MS, HOUR_MS, offer } from '../support/runs/plan-builder.ts';
import type { FleetScript } from '../support/fakes/fleet-script.ts';
import { runsOfThisFile } from '../support/runs/with-run.ts';
import type { RunWorld } from '../support/runs/run-world.ts';

const startRun = runsOfThisFile();
const lost = ApplicationFailure.nonRetryable('no such plan: plan_test', 'PLAN_NOT_FOUND');
const broken = ApplicationFailure.nonRetryable('relation "jobs" does not exist');
const steps = [offer(1), bake(1, DAY_MS), offer(2)];

const baking = async (script: FleetScript): Promise<RunWorld> => {
  const run = await startRun({ plan: { steps }, script });
  await run.journaled('step-started', /bake/);
  return run;
};

/** The run closed, said so last, and named every effect that failed. */
function expectTold(run: RunWorld, phase: string, problems: readonly RegExp[]): void {
  const entries = run.fleet.journal(run.runId);
  expect(entries.at(-1)).toMatchObject({ type: 'run-ended', data: { phase } });
  const failed = entries.filter(({ type }) => type === 'compensation-failed').map(({ summary }) => summary);
  expect(failed).toEqual(problems.map((problem) => expect.stringMatching(problem) as string));
  expect(run.fleet.view(run.runId)?.state.phase).toBe(phase);
}

describe('a cancel whose offers cannot be withdrawn', () => {
  it('does not end as cancelled: it says what is held and what may still happen', async () => {
    const run = await baking({ withdraw: lost });
    await run.command('cancelRun', { reason: 'wrong fleet' });
    expect(await run.result()).toMatchObject({
      phase: 'failed',
      reason:
        'cancel by ada: wrong fleet; its offers could not be withdrawn: no such plan: plan_test (PLAN_NOT_FOUND); what is queued is held, devices in progress may still install',
    });
    expect(run.fleet.calls.map(({ name }) => name)).toContain('holdOffers');
    expectTold(run, 'failed', [/offers could not be withdrawn: no such plan/]);
  });

  it('nor held, says that devices may still install', async () => {
    const run = await baking({ withdraw: lost, hold: broken });
    await run.command('cancelRun');
    const { phase, reason } = await run.result();
    expect(phase).toBe('failed');
    expect(reason).toContain('devices may still install what was offered to them');
    expectTold(run, 'failed', [/could not be withdrawn/, /could not be held: relation "jobs" does not exist/]);
  });
});

describe('a rollback that fails', () => {
  it('ends incomplete with the devices that were touched, and holds the rest', async () => {
    const run = await baking({ rollback: lost });
    await run.command('rollBackRun');
    expect(await run.result()).toMatchObject({
      phase: 'rollback-incomplete',
      left: 10,
      reason: expect.stringContaining('10 devices may be on the new version') as string,
    });
    expect(run.fleet.calls.map(({ name }) => name)).toContain('holdOffers');
    expectTold(run, 'rollback-incomplete', [/fleet could not be taken back: no such plan/]);
  });

  it('and cannot be counted either, ends incomplete with what the run knew', async () => {
    const run = await baking({ rollback: lost, count: broken, hold: broken });
    await run.command('rollBackRun');
    expect(await run.result()).toMatchObject({
      phase: 'rollback-incomplete',
      left: 10,
      reason: expect.stringMatching(/not counted \(relation .*\): at least 10 were offered/) as string,
    });
    expectTold(run, 'rollback-incomplete', [/could not be taken back/, /could not be held/]);
  });
});

it('a question that nobody answers ends incomplete, even when what is left cannot be listed', async () => {
  const environment = { name: 'production', stage: 'production', autoRollback: false, rollbackTimeoutMs: HOUR_MS };
  const script = { offers: { 1: 'breach' }, leave: lost } as const;
  const run = await startRun({ plan: { environment, steps }, script });
  expect(await run.result()).toMatchObject({
    phase: 'rollback-incomplete',
    left: 10,
    reason: expect.stringContaining('could not be listed: no such plan') as string,
  });
  expectTold(run, 'rollback-incomplete', [/could not be listed/]);
});

it('a journal that is refused for good is tried again at the end, with a pause between the tries', async () => {
  const run = await startRun({ plan: { steps: [offer(1)] }, script: { journalFailures: 12, journalFailure: broken } });
  expect((await run.result()).phase).toBe('completed');
  const entries = run.fleet.journal(run.runId);
  expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
  expect(entries.at(-1)?.type).toBe('run-ended');
  const { events } = await run.handle.fetchHistory();
  const [failed, pauses] = [
    events?.filter((event) => event.activityTaskFailedEventAttributes) ?? [],
    events?.filter((event) => event.timerStartedEventAttributes) ?? [],
  ];
  expect(failed).toHaveLength(12);
  // Before its end the run tries with each new entry.
  expect(pauses.length).toBeGreaterThan(3);
});
