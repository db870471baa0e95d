import { describe, expect, it } from 'vitest';
import { NO_COUNTS } from '#domain/fleet/counts.ts';
import { runPlanOf } from '#domain/plan/run-plan.ts';
import type { RunState } from '#domain/run/run-state.ts';
import type { RunView, WaveView } from '#domain/run/run-view.ts';
import { runPage } from '../../../workflows/runtime/run-page.ts';
import { PLAN, RUN, viewOf } from '../runs/sample-run.ts';

const SINCE = '2025-11-21T14:02:00.000Z';
const running: RunState = { phase: 'running', since: SINCE };
const page = (state: RunState, index: number | null, over: Partial<RunView> = {}): string =>
  runPage(viewOf(state, index, over), runPlanOf(PLAN));
/** The page's answers by name. */
const answers = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/^- \*\*(.+?)\*\*: (.*)$/gm)].map(([, name = '', answer = '']) => [name, answer]),
  );
const waves = (...given: Partial<WaveView>[]): WaveView[] =>
  given.map((one, at) => ({ wave: at + 1, label: '10 %', state: 'waiting', counts: null, ...one }));

const STATES: Readonly<Record<RunState['phase'], RunState>> = {
  queued: { phase: 'queued', since: SINCE },
  'waiting-for-window': { phase: 'waiting-for-window', since: SINCE, opensAt: SINCE, heldBy: 'window', reason: 'r' },
  'awaiting-approval': { phase: 'awaiting-approval', since: SINCE, gate: 'approve-1', expiresAt: null },
  running,
  paused: { phase: 'paused', since: SINCE, by: 'ada', reason: 'lunch', under: running },
  'rolling-back': { phase: 'rolling-back', since: SINCE, reason: 'failure rate 40 % > 10 %' },
  completed: { phase: 'completed', since: SINCE },
  'rolled-back': { phase: 'rolled-back', since: SINCE, reason: 'r' },
  cancelled: { phase: 'cancelled', since: SINCE, reason: 'r' },
  failed: { phase: 'failed', since: SINCE, reason: 'r' },
  'rollback-incomplete': { phase: 'rollback-incomplete', since: SINCE, reason: 'r', left: 2 },
};

describe.each(Object.entries(STATES))('the page of a run that is %s', (phase, state) => {
  it('answers what, why, since when, what next, who and how back', () => {
    const text = page(state, 1);
    expect(text).toContain(`**${phase}** since ${SINCE}`);
    const given = answers(text);
    expect(Object.keys(given)).toEqual(['doing', 'why', 'next', 'who can act', 'way back']);
    for (const answer of Object.values(given)) expect(answer).not.toMatch(/^$|undefined/);
  });
});

describe('the page', () => {
  it('of a wave under way says since when, what is watched, and every command', () => {
    const given = answers(page(running, 1, { waves: waves({ state: 'offering' }) }));
    expect(given['doing']).toBe(
      'step 1 (step 2 of 6) since 2025-11-21T14:00:00.000Z; watching failure rate up to 10 %, 1 health check',
    );
    expect(given['next']).toBe('bake 30 min after wave 1');
    expect(given['who can act']).toBe(`anybody: sluice deploy pause|cancel|rollback --execution-id ${RUN}`);
    expect(given['way back']).toBe(`sluice deploy rollback --execution-id ${RUN} --reason "…"`);
  });

  it('shows no number of a wave under way, and where to look instead', () => {
    const text = page(running, 1, {
      waves: waves(
        { state: 'passed', counts: { ...NO_COUNTS, offered: 20, succeeded: 20 } },
        { state: 'offering' },
        {},
      ),
    });
    expect(text).toContain('| 1 | 10 % | passed | 20 | 20 | 0 | 0 | 0 |');
    expect(text).toContain('| 2 | 10 % | offering | … | … | … | … | … |');
    expect(text).toContain('| 3 | 10 % | waiting | – | – | – | – | – |');
    expect(text).toContain('the heartbeat of the pending activity `offerWave`');
    expect(text).toContain(`sluice run show ${RUN}`);
  });

  it('of a rollback offers no rollback and does not name the step that was left', () => {
    const given = answers(page(STATES['rolling-back'], 1));
    expect(given['doing']).toContain(`back to its own previous firmware since ${SINCE}`);
    expect(given['doing']).not.toContain('step 1');
    expect(given['why']).toContain('failure rate 40 % > 10 %');
    expect(given['who can act']).toContain('nobody');
    expect(given['way back']).toBe('under way');
  });

  it('of a pause names who, the step, and how it goes on', () => {
    const given = answers(page(STATES.paused, 2));
    expect(given['doing']).toBe('paused by ada at step 2 (step 3 of 6); nothing new begins');
    expect(given['why']).toContain('lunch');
    expect(given['next']).toBe('after resume: step 2');
    expect(given['who can act']).toContain(`sluice deploy resume --execution-id ${RUN}`);
    expect(given['way back']).toContain('sluice deploy rollback');
  });

  it('of a pause in an approval names both who resumes and who approves', () => {
    const policy = { quorum: 2, role: 'approver', expiresInMs: null };
    const waiting = { gate: 'approve-1', opens: 'wave 1', policy, since: SINCE, expiresAt: null, decisions: [] };
    const given = answers(page(STATES.paused, 0, { waiting }));
    expect(given['doing']).toContain('waiting for the approval of wave 1: 2 more approvals of role approver');
    expect(given['who can act']).toContain('sluice deploy resume');
    expect(given['who can act']).toContain('role approver: sluice approve');
  });

  it('of a run that waits for its window says until when, who overrides it and how', () => {
    const given = answers(page(STATES['waiting-for-window'], 1));
    expect(given['doing']).toBe(`waiting for its window: opens ${SINCE}; nothing new begins`);
    expect(given['why']).toContain('r; plan');
    expect(given['who can act']).toBe(
      `role approver or admin: sluice deploy start-now ${RUN} --reason "…"; anybody: sluice deploy pause|cancel|rollback --execution-id ${RUN}`,
    );
    const never = { ...STATES['waiting-for-window'], opensAt: null, heldBy: 'schedule' } as RunState;
    expect(answers(page(never, 1))['doing']).toContain('waiting for its schedule: it does not open by itself');
  });

  it('of a run that was told to cancel says that it stops', () => {
    const given = answers(page(running, 1, { interrupt: { why: 'cancel', by: 'ada', reason: 'r' } }));
    expect(given['doing']).toBe('stopping: cancel asked by ada; nothing more begins');
    expect(given['next']).toContain('cancelled');
    expect(given['who can act']).toContain('nobody');
  });

  it('keeps what people wrote in its line and its cell', () => {
    const label = 'device.tags.site == "a" || device.tags.site == "b"';
    const text = page({ ...STATES.paused, reason: 'two\nlines' } as RunState, 1, { waves: waves({ label }) });
    expect(text).toContain('| 1 | device.tags.site == "a" \\|\\| device.tags.site == "b" | waiting |');
    expect(answers(text)['why']).toContain('two lines');
  });
});

it('says that a queued run waits for its turn, and how to see who is before it', () => {
  const { doing, 'who can act': who } = answers(page(STATES.queued, null));
  expect(doing).toBe('waiting for its turn in production; nothing new begins');
  expect(who).toContain('sluice env queue production');
});
