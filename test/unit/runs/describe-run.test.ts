import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import { describeRun } from '../../../client/engine/runs/describe-run.ts';
import type { RunFacts } from '../../../client/engine/runs/run-facts.ts';
import type { RunStatus } from '../../../client/engine/runs/run-status.ts';
import { renderRun } from '../../../client/cli/render/run.ts';
import { factsOf, lookAt, PLAN, rowOf, RUN, statusOf, viewOf, waveOf } from './sample-run.ts';

const NOW = '2025-11-21T14:14:12.000Z';
const look = lookAt(NOW);
const people = {
  ada: { roles: ['approver'] },
  grace: { roles: ['approver'] },
  lin: { roles: ['approver', 'admin'] },
  zoe: { roles: [] },
};

const shown = (status: RunStatus, changes: Partial<RunFacts> = {}): string =>
  renderRun(RUN, describeRun(factsOf(status, { people, ...changes }), look.clock), look);

const entry = (seq: number, at: string, type: JournalEntry['type'], data: Record<string, unknown>): JournalEntry => ({
  seq,
  at,
  type,
  summary: '',
  data,
});

const passed = (wave: number) => ({ wave, label: '', state: 'passed', counts: null }) as const;
const present = [
  { firmware: '1.0.0', devices: 190 },
  { firmware: '1.2.0', devices: 10 },
];
const withPresent = { ...PLAN, selection: { ...PLAN.selection, present } };

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
    expect(shown(statusOf(rowOf(view), waves), { events, plan: withPresent })).toBe(
      `
Production Rollout v1.2.0 · fleet rollout · edge 1.2.0 → production
exe_01HSAMPLE  RUNNING · 50 % · step 5 of 6 · 00:14:12
since     14:02 UTC (12 min 12 s ago) · started 14:00 UTC (14 min 12 s ago) by
          grace
doing     bake 30 min after wave 2: watching failure rate, health until 14:34
          UTC (in 19 min 48 s)
why       plan plan_7k2 by grace (digest 9be2c1d0a7f3) · approved by ada and lin
          at 14:02 UTC (12 min 12 s ago)
so far    wave 1 ✓ 20/20 · wave 2 ✓ 80/80 · 0 failed
next      wave 3 of 3 (100 %): 100 devices, at most 200 a minute
back      roll back: 100 devices to their own previous firmware (1.0.0), within
          10 min
you can   pause · cancel · roll back
  sluice deploy pause --execution-id exe_01HSAMPLE
  sluice deploy cancel --execution-id exe_01HSAMPLE --reason "…"
  sluice deploy rollback --execution-id exe_01HSAMPLE --reason "…"
`.trim(),
    );
  });

  it('knows when the bake ends although a pause held it', () => {
    const view = viewOf({ phase: 'running', since: NOW }, 4);
    const events = [
      entry(9, '2025-11-21T14:00:00.000Z', 'step-started', { index: 4 }),
      entry(10, '2025-11-21T14:10:00.000Z', 'phase-changed', { phase: 'paused' }),
      entry(11, '2025-11-21T14:14:00.000Z', 'phase-changed', { phase: 'running' }),
      entry(12, '2025-11-21T14:14:00.000Z', 'step-started', { index: 4 }),
    ];
    expect(shown(statusOf(rowOf(view)), { events })).toContain('until 14:34\n          UTC (in 19 min 48 s)');
  });
});

describe('a wave that is held up', () => {
  it('says for how many devices it waits, and until when', () => {
    const view = viewOf({ phase: 'running', since: NOW }, 3, { waves: [passed(1)] });
    const waves = [
      waveOf(1, 20, { offered: 20, succeeded: 20 }),
      waveOf(2, 80, { offered: 60, succeeded: 50, failed: 8, inProgress: 2 }),
    ];
    const events = [entry(9, '2025-11-21T14:04:00.000Z', 'step-started', { index: 3 })];
    const { doing } = describeRun(factsOf(statusOf(rowOf(view), waves), { events }), look.clock);
    expect(doing).toBe(
      'wave 2 of 3 (50 %): 58 of 80 devices ended, waits for 22 more (20 not offered yet) until 15:04 UTC (in 49 min 48 s)',
    );
  });
});

describe('a run that waits for people', () => {
  const decision = {
    commandId: 'c',
    by: 'ada',
    via: 'cli',
    roles: ['approver'],
    verified: false,
    decision: 'approve',
    digest: null,
    comment: '',
    at: '2025-11-21T14:12:00.000Z',
  } as const;
  const waiting = {
    gate: 'approve-1',
    opens: 'wave 1 (10 %)',
    policy: { quorum: 2, role: 'approver', expiresInMs: 86_400_000 },
    since: '2025-11-21T14:11:12.000Z',
    expiresAt: '2025-11-22T14:00:00.000Z',
    decisions: [decision],
  };
  const { gate, since, expiresAt } = waiting;
  const awaiting = { phase: 'awaiting-approval', since, gate, expiresAt } as const;

  it('says for whom, since and until when, and with which command', () => {
    expect(shown(statusOf(rowOf(viewOf(awaiting, 0, { waiting }))))).toBe(
      `
Production Rollout v1.2.0 · fleet rollout · edge 1.2.0 → production
exe_01HSAMPLE  AWAITING-APPROVAL · 0 % · step 1 of 6 · 00:14:12
since     14:11 UTC (3 min ago) · started 14:00 UTC (14 min 12 s ago) by grace
doing     asking people to open wave 1 (10 %)
waiting   for 1 more approval of role approver (1 may give it: lin) · asked
          14:11 UTC (3 min ago) · expires Sat 14:00 UTC (in 23 h 45 min)
why       plan plan_7k2 by grace (digest 9be2c1d0a7f3)
so far    no device offered yet
next      wave 1 of 3 (10 %)
back      nothing to take back yet: no device was offered the firmware
you can   approve · reject · pause · cancel · roll back
  sluice approve exe_01HSAMPLE --comment "…"
  sluice reject exe_01HSAMPLE --comment "…"
  sluice deploy pause --execution-id exe_01HSAMPLE
  sluice deploy cancel --execution-id exe_01HSAMPLE --reason "…"
  sluice deploy rollback --execution-id exe_01HSAMPLE --reason "…"
`.trim(),
    );
  });

  it('asks nobody any more when all approvals are given and only a pause holds it', () => {
    const decisions = [decision, { ...decision, by: 'lin' }];
    const state = { phase: 'paused', since: NOW, by: 'ada', reason: 'lunch', under: awaiting } as const;
    const text = shown(statusOf(rowOf(viewOf(state, 0, { waiting: { ...waiting, decisions } }))));
    expect(text).toContain('waiting   approved by ada and lin, opens after resume');
    expect(text).toContain('next      after resume: wave 1 of 3 (10 %)');
    expect(text).not.toContain('sluice approve');
  });
});

describe('a run that rolls back', () => {
  it('offers no command that it would refuse, says how far it is, and when it is given up', () => {
    const reason = 'failure rate 35 % > 10 %';
    const view = viewOf({ phase: 'rolling-back', since: '2025-11-21T14:14:00.000Z', reason }, 1, {
      waves: [{ ...passed(1), state: 'stopped' }],
    });
    const status = statusOf(rowOf(view), [waveOf(1, 20, { offered: 20, succeeded: 13, failed: 7 })]);
    const device = { wave: 1, install: 'failed', wayBack: null, previousFirmware: '1.0.0' } as const;
    const examples = {
      failed: ['d-1', 'd-2'].map((thing) => ({ ...device, thing, reason: 'boot-loop' })),
      left: [{ ...device, thing: 'd-3', wayBack: 'left' as const, reason: 'no-artifact' }],
    };
    const events = [
      entry(8, '2025-11-21T14:13:59.000Z', 'breach', { evidence: 'evd_1' }),
      entry(9, '2025-11-21T14:14:00.000Z', 'rollback-started', {}),
    ];
    const facts = { events, examples };
    expect(shown({ ...status, wayBack: { devices: 20, returned: 6, left: 1 } }, facts)).toBe(
      `
Production Rollout v1.2.0 · fleet rollout · edge 1.2.0 → production
exe_01HSAMPLE  ROLLING-BACK · 99 % · step 2 of 6 · 00:14:12
since     14:14 UTC (12 s ago) · started 14:00 UTC (14 min 12 s ago) by grace
doing     rolling back: 6 of 20 devices confirmed their previous firmware; given
          up 14:24 UTC (in 9 min 48 s)
why       failure rate 35 % > 10 % · plan plan_7k2 by grace (digest
          9be2c1d0a7f3)
so far    wave 1 ✗ 20/20 · 7 failed (35 %) · 6 of 20 taken back · 1 left
devices   left behind: d-3 (no-artifact) · failed: d-1 (boot-loop), d-2
          (boot-loop), and 5 more
next      ends when every device confirmed its own previous firmware, or names
          those left
back      under way, given up 14:24 UTC (in 9 min 48 s) at the latest
you can   see those left · see the failed · see the evidence
  sluice run devices exe_01HSAMPLE --state left
  sluice run devices exe_01HSAMPLE --state failed
  sluice run evidence exe_01HSAMPLE
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

describe('a paused run', () => {
  const under = { phase: 'running', since: NOW } as const;

  it('names who paused it and goes on with the step under way', () => {
    const view = viewOf({ phase: 'paused', since: NOW, by: 'ada', reason: 'lunch', under }, 1);
    const text = shown(statusOf(rowOf(view)));
    expect(text).toContain('doing     paused by ada: lunch');
    expect(text).toContain('waiting   for somebody to resume it, for as long as that takes');
    expect(text).toContain('next      after resume: wave 1 of 3 (10 %)');
    expect(text).toContain('  sluice deploy resume --execution-id exe_01HSAMPLE');
  });

  it('that asks after a breach says when it ends without an answer', () => {
    const reason = 'failure rate 40 % > 10 %: resume, roll back or cancel?';
    const view = viewOf({ phase: 'paused', since: NOW, by: 'sluice', reason, under }, 1);
    const { waiting } = describeRun(factsOf(statusOf(rowOf(view))), look.clock);
    expect(waiting).toBe(
      'for somebody to resume, roll back or cancel it · without an answer it ends rollback-incomplete 14:24 UTC (in 10 min)',
    );
  });

  it('whose wave fell short waits for ever', () => {
    const reason = 'below the success threshold: wave 1: 10 of 20 succeeded';
    const view = viewOf({ phase: 'paused', since: NOW, by: 'sluice', reason, under }, 1);
    const events = [entry(9, NOW, 'step-ended', { index: 1, outcome: 'short' })];
    const { waiting } = describeRun(factsOf(statusOf(rowOf(view)), { events }), look.clock);
    expect(waiting).toBe('for somebody to resume it, for as long as that takes');
  });
});

describe('a run at its edges', () => {
  it('says that no worker has taken it yet', () => {
    const text = shown(statusOf(rowOf(null)));
    expect(text).toContain('doing     starting: no worker has taken it yet');
    expect(text).not.toContain('you can');
  });

  it('is over when closed: nothing comes next, and the way back is a plan with the version before', () => {
    const view = viewOf({ phase: 'completed', since: NOW }, null);
    const row = rowOf(view, { closed: true, phase: 'completed', completedAt: NOW });
    const waves = [waveOf(1, 20, { offered: 20, succeeded: 20 })];
    const text = shown(statusOf(row, waves), { plan: withPresent });
    expect(text).toContain('COMPLETED · 100 % · 00:14:12\nsince     14:14 UTC (now)');
    expect(text).toContain('next      nothing: the run is over');
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      'back a new plan with the version before (1.0.0): sluice plan create --config FILE',
    );
    expect(text).not.toContain('you can');
  });

  it('tells no time as a machine writes it', () => {
    const reason = 'nobody answered until 2025-11-21T14:10:12.000Z';
    const view = viewOf({ phase: 'failed', since: NOW, reason }, null);
    const text = shown(statusOf(rowOf(view, { closed: true, completedAt: NOW })));
    expect(text).toContain('nobody answered until 14:10 UTC (4 min ago)');
  });
});
