// People who are asked and do not answer.
import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import { approve, DAY_MS, gate, HOUR_MS, offer } from '../support/runs/plan-builder.ts';
import { runsOfThisFile } from '../support/runs/with-run.ts';
import type { RunWorld, WorldOptions } from '../support/runs/run-world.ts';

const startRun = runsOfThisFile();
const steps = [approve(), offer(1)];
const daily = { reminders: { afterMs: DAY_MS, most: 10 } };

const reminders = (run: RunWorld): JournalEntry[] =>
  run.fleet.journal(run.runId).filter(({ type }) => type === 'gate-reminder');

/** A run that has just asked. */
async function asking(options: WorldOptions = {}): Promise<RunWorld> {
  const run = await startRun({ plan: { steps }, input: daily, ...options });
  await run.journaled('phase-changed', /waits/);
  return run;
}

describe('a run that waits for people', () => {
  it('reminds them each day, and tells whom it waits for, since when, and by which command they answer', async () => {
    const run = await asking();
    const { since } = (await run.view()).waiting ?? {};
    await run.sleep(2 * DAY_MS + HOUR_MS);
    await run.journaled('gate-reminder', /waits for 2 d/);
    expect(reminders(run).map(({ summary }) => summary)).toEqual([
      `approval of wave 1 (10 %): waits for 1 d for 1 approval of role approver · sluice approve ${run.runId}`,
      `approval of wave 1 (10 %): waits for 2 d for 1 approval of role approver · sluice approve ${run.runId}`,
    ]);
    expect(reminders(run)[1]?.data).toEqual({
      ...{ gate: 'approve-1', times: 2, of: 10, role: 'approver', missing: 1, since, expiresAt: null },
      ...{ waitsMs: expect.any(Number) as number, command: `sluice approve ${run.runId}` },
    });
    expect((await run.view()).waiting).toMatchObject({ reminded: { times: 2 } });
    await run.approve('ada');
    expect((await run.result()).phase).toBe('completed');
    expect(reminders(run)).toHaveLength(2);
  });

  it('may wait for a year: after ten reminders it is silent, and its history stays short', async () => {
    const run = await asking();
    await run.sleep(365 * DAY_MS);
    await run.journaled('gate-reminder', /waits for 10 d/);
    expect(reminders(run)).toHaveLength(10);
    const { events } = await run.handle.fetchHistory();
    expect(events?.length).toBeLessThan(200);
    await run.approve('ada');
    expect((await run.result()).phase).toBe('completed');
  });

  it('says how many are still missing', async () => {
    const quorum = approve({ policy: { quorum: 3, role: 'approver', expiresInMs: null } });
    const run = await asking({ plan: { steps: [quorum, offer(1)] } });
    await run.approve('ada');
    await run.sleep(DAY_MS + HOUR_MS);
    await run.journaled('gate-reminder', /for 2 approvals of role approver/);
  });

  it('reminds at a gate that asks people, too', async () => {
    const policy = { quorum: 1, role: 'tester', expiresInMs: null };
    const manual = gate({ gate: 'user_acceptance_test', check: { run: 'manual', policy } });
    const run = await asking({ plan: { steps: [manual, offer(1)] } });
    await run.sleep(DAY_MS + HOUR_MS);
    await run.journaled('gate-reminder', /user_acceptance_test: waits for 1 d for 1 approval of role tester/);
  });

  it('begins anew with each question', async () => {
    const run = await asking({ plan: { steps: [approve(), offer(1), approve({ id: 'approve-2', opens: 'wave 2' })] } });
    await run.sleep(DAY_MS + HOUR_MS);
    await run.journaled('gate-reminder', /wave 1/);
    await run.approve('ada');
    await run.journaled('phase-changed', /approval of wave 2: waits/);
    expect((await run.view()).waiting).not.toHaveProperty('reminded');
    await run.sleep(DAY_MS + HOUR_MS);
    await run.journaled('gate-reminder', /approval of wave 2: waits for 1 d/);
  });
});

describe('a decision', () => {
  it('that comes a moment before the reminder makes it needless', async () => {
    const run = await asking();
    const { since = '' } = (await run.view()).waiting ?? {};
    await run.sleep(DAY_MS - HOUR_MS);
    await run.approve('ada');
    expect((await run.result()).phase).toBe('completed');
    expect(since).not.toBe('');
    expect(reminders(run)).toEqual([]);
  });

  it('that comes with the reminder is taken, and reminded of no more', async () => {
    const run = await asking();
    await run.sleep(DAY_MS);
    await run.approve('ada');
    expect((await run.result()).phase).toBe('completed');
    expect(reminders(run).length).toBeLessThanOrEqual(1);
  });
});

describe('a pause', () => {
  it('is no time to remind; what fell due meanwhile is said once after it', async () => {
    const run = await asking();
    await run.sleep(DAY_MS / 2);
    await run.command('pauseRun');
    await run.journaled('phase-changed', /paused/);
    await run.sleep(5 * DAY_MS);
    expect(reminders(run)).toEqual([]);
    await run.command('resumeRun');
    await run.journaled('gate-reminder', /waits for 5 d 12 h/);
    await run.sleep(DAY_MS + HOUR_MS);
    await run.journaled('gate-reminder', /waits for 6 d 12 h/);
    expect(reminders(run)).toHaveLength(2);
  });
});

describe('an approval that expires', () => {
  const expiring = (expiresInMs: number): WorldOptions => ({
    plan: { steps: [approve({ policy: { quorum: 1, role: 'approver', expiresInMs } }), offer(1)] },
  });

  it('is reminded of before, and ends as it does without', async () => {
    const run = await asking(expiring(DAY_MS + DAY_MS / 2));
    expect((await run.result()).phase).toBe('cancelled');
    expect(reminders(run)).toHaveLength(1);
  });

  it('is not reminded of when it expires before', async () => {
    const run = await asking(expiring(DAY_MS));
    expect((await run.result()).phase).toBe('cancelled');
    expect(reminders(run)).toEqual([]);
  });
});

it('reminds nobody where the run was started without', async () => {
  const run = await asking({ input: {} });
  await run.sleep(30 * DAY_MS);
  expect(reminders(run)).toEqual([]);
  const { events } = await run.handle.fetchHistory();
  expect(events?.some(({ timerStartedEventAttributes }) => timerStartedEventAttributes)).toBe(false);
});
