import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import { describeRun, type RunFacts } from '../../../client/engine/runs/describe-run.ts';
import type { RunStatus } from '../../../client/engine/runs/run-status.ts';
import { renderRun } from '../../../client/cli/render/run.ts';
import { PLAN, rowOf, RUN, statusOf, viewOf, waveOf } from './sample-run.ts';

const NOW = '2025-11-21T14:14:12.000Z';
const clock = { now: NOW, timeZone: 'UTC' };
const people = {
  ada: { roles: ['approver'] },
  grace: { roles: ['approver'] },
  lin: { roles: ['approver', 'admin'] },
  zoe: { roles: [] },
};

const shown = (status: RunStatus, events: readonly JournalEntry[] = []): string => {
  const facts: RunFacts = { status, plan: PLAN, events, people, clock };
  return renderRun(RUN, describeRun(facts), { colour: false, width: 80, clock });
};

const entry = (seq: number, at: string, type: JournalEntry['type'], data: Record<string, unknown>): JournalEntry => ({
  seq,
  at,
  type,
  summary: '',
  data,
});

const passed = (wave: number) => ({ wave, label: '', state: 'passed', counts: null }) as const;

describe('a run that bakes', () => {
  it('answers the six questions', () => {
    const view = viewOf({ phase: 'running', since: '2025-11-21T14:02:00.000Z' }, 4, { waves: [passed(1), passed(2)] });
    const waves = [
      waveOf(1, 20, { offered: 20, succeeded: 20 }),
      waveOf(2, 80, { offered: 80, succeeded: 80 }),
      waveOf(3, 100, {}),
    ];
    const events = [
      entry(3, '2025-11-21T14:01:00.000Z', 'gate-decided', { decision: 'approve', by: 'ada' }),
      entry(4, '2025-11-21T14:02:00.000Z', 'gate-decided', { decision: 'approve', by: 'lin' }),
      entry(9, '2025-11-21T14:04:00.000Z', 'step-started', { index: 4 }),
    ];
    expect(shown(statusOf(rowOf(view), waves), events)).toBe(
      `
Production Rollout v1.2.0 · fleet rollout · production
exe_01HSAMPLE  RUNNING · step 5 of 6 · 00:14:12 · since 14:02 (12 min 12 s ago)
doing     bake 30 min after wave 2: watching failure rate, health until 14:34
          (in 19 min 48 s)
why       plan plan_7k2 by grace (digest 9be2c1d0a7f3) · approved by ada and lin
          at 14:02 (12 min 12 s ago) · started by grace
so far    wave 1 ✓ 20/20 · wave 2 ✓ 80/80 · 0 failed
next      wave 3 of 3 (100 %): 100 devices, at most 200 a minute
you can   pause      sluice deploy pause --execution-id exe_01HSAMPLE
          cancel     sluice deploy cancel --execution-id exe_01HSAMPLE --reason "…"
          roll back  sluice deploy rollback --execution-id exe_01HSAMPLE --reason "…"
`.trim(),
    );
  });
});

describe('a run that waits for people', () => {
  const waiting = {
    gate: 'approve-1',
    opens: 'wave 1 (10 %)',
    policy: { quorum: 2, role: 'approver', expiresInMs: 86_400_000 },
    since: '2025-11-21T14:11:12.000Z',
    expiresAt: '2025-11-22T14:00:00.000Z',
    decisions: [
      {
        commandId: 'c',
        by: 'ada',
        via: 'cli',
        roles: ['approver'],
        verified: false,
        decision: 'approve',
        digest: null,
        comment: '',
        at: '2025-11-21T14:12:00.000Z',
      },
    ],
  } as const;

  it('says for whom, since and until when, and with which command', () => {
    const { gate, since, expiresAt } = waiting;
    const view = viewOf({ phase: 'awaiting-approval', since, gate, expiresAt }, 0, { waiting });
    expect(shown(statusOf(rowOf(view)))).toBe(
      `
Production Rollout v1.2.0 · fleet rollout · production
exe_01HSAMPLE  AWAITING-APPROVAL · step 1 of 6 · 00:14:12 · since 14:11 (3 min ago)
doing     asking for approve-1 of wave 1 (10 %)
waiting   for 1 more approval of role approver (1 may give it: lin) · asked
          14:11 (3 min ago) · expires Sat 14:00 (in 23 h 45 min)
why       plan plan_7k2 by grace (digest 9be2c1d0a7f3) · started by grace
so far    no device offered yet
next      wave 1 of 3 (10 %)
you can   approve    sluice approve exe_01HSAMPLE --comment "…"
          reject     sluice reject exe_01HSAMPLE --comment "…"
          pause      sluice deploy pause --execution-id exe_01HSAMPLE
          cancel     sluice deploy cancel --execution-id exe_01HSAMPLE --reason "…"
          roll back  sluice deploy rollback --execution-id exe_01HSAMPLE --reason "…"
`.trim(),
    );
  });
});

describe('a run that rolls back', () => {
  it('offers no command that it would refuse, and says how far it is', () => {
    const reason = 'failure rate 35 % > 10 %';
    const view = viewOf({ phase: 'rolling-back', since: '2025-11-21T14:14:00.000Z', reason }, 1, {
      waves: [{ ...passed(1), state: 'stopped' }],
    });
    const status = statusOf(rowOf(view), [waveOf(1, 20, { offered: 20, succeeded: 13, failed: 7 })]);
    expect(shown({ ...status, wayBack: { devices: 20, returned: 6, left: 1 } })).toBe(
      `
Production Rollout v1.2.0 · fleet rollout · production
exe_01HSAMPLE  ROLLING-BACK · step 2 of 6 · 00:14:12 · since 14:14 (12 s ago)
doing     rolling back: 6 of 20 devices confirmed their previous firmware
why       failure rate 35 % > 10 % · plan plan_7k2 by grace (digest
          9be2c1d0a7f3) · started by grace
so far    wave 1 ✗ 20/20 · 7 failed (35 %) · 6 of 20 taken back · 1 left
next      ends when every device confirmed its own previous firmware, or names
          those left
`.trim(),
    );
  });
});

describe('a run that a person stops', () => {
  const interrupt = { why: 'cancel', by: 'ada', reason: 'wrong plan' } as const;

  it('says so until its phase does', () => {
    const view = viewOf({ phase: 'running', since: NOW }, 1, { interrupt });
    const text = shown(statusOf(rowOf(view)));
    expect(text).toContain('RUNNING');
    expect(text).toContain('doing     stopping: cancel asked by ada: wrong plan');
  });

  it('tells of the way back itself once that began', () => {
    const state = { phase: 'rolling-back', since: NOW, reason: 'ada: wrong plan' } as const;
    const text = shown(statusOf(rowOf(viewOf(state, 1, { interrupt: { ...interrupt, why: 'roll-back' } }))));
    expect(text).toContain('doing     rolling back');
    expect(text).not.toContain('stopping');
  });
});

describe('a run at its edges', () => {
  it('says that no worker has taken it yet', () => {
    const text = shown(statusOf(rowOf(null)));
    expect(text).toContain('doing     starting: no worker has taken it yet');
    expect(text).not.toContain('you can');
  });

  it('is over when closed: nothing comes next and nothing can be done', () => {
    const view = viewOf({ phase: 'completed', since: NOW }, null);
    const text = shown(statusOf(rowOf(view, { closed: true, phase: 'completed', completedAt: NOW })));
    expect(text).toContain('COMPLETED · 00:14:12 · since 14:14 (now)');
    expect(text).toContain('next      nothing: the run is over; the way back is a plan with an earlier');
    expect(text).not.toContain('you can');
  });

  it('names who paused it and goes on with the step under way', () => {
    const under = { phase: 'running', since: NOW } as const;
    const view = viewOf({ phase: 'paused', since: NOW, by: 'ada', reason: 'lunch', under }, 1);
    const text = shown(statusOf(rowOf(view)));
    expect(text).toContain('doing     paused by ada: lunch');
    expect(text).toContain('next      after resume: step 1');
    expect(text).toContain('you can   resume     sluice deploy resume --execution-id exe_01HSAMPLE');
  });
});
