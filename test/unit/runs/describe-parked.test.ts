import { describe, expect, it } from 'vitest';
import { describeRun } from '../../../client/engine/runs/describe-run.ts';
import { statusDocument } from '../../../client/engine/runs/status-document.ts';
import { renderRun } from '../../../client/cli/render/run.ts';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { RunState } from '#domain/run/run-state.ts';
import { factsOf, lookAt, PLAN, rowOf, RUN, statusOf, viewOf } from './sample-run.ts';

const NOW = '2025-11-21T17:00:00.000Z';
const look = lookAt(NOW);
const PARKED: Extract<RunState, { phase: 'waiting-for-window' }> = {
  phase: 'waiting-for-window',
  since: '2025-11-21T16:00:00.000Z',
  opensAt: '2025-11-22T02:00:00.000Z',
  heldBy: 'window',
  reason: 'outside of nights: 02:00–06:00 UTC',
};

const ended = (step: string): JournalEntry => ({
  seq: 1,
  at: NOW,
  type: 'step-ended',
  summary: '',
  data: { step, outcome: 'passed' },
});

/** After the bake of the first wave. */
function pictureOf(state: RunState) {
  const view = viewOf(state, 2);
  return describeRun(factsOf(statusOf(rowOf(view)), { events: [ended(view.step?.id ?? '')] }), look.clock);
}

describe('a run that waits for its window', () => {
  it('answers what opens when, why, who overrides it and how', () => {
    const shown = renderRun(RUN, pictureOf(PARKED), { ...look, width: 200 });
    expect(shown).toContain('doing     waiting for the window: opens Sat 02:00 UTC (in 9 h)');
    expect(shown).toContain(
      'waiting   outside of nights: 02:00–06:00 UTC · waits since 16:00 UTC (1 h ago) · sluice deploy start-now needs role approver or admin and a reason',
    );
    expect(shown).toContain('next      wave 2 of 3 (50 %)');
    expect(shown).toContain('you can   start now · pause · cancel · roll back');
    expect(shown).toContain(`sluice deploy start-now ${RUN} --reason "…"`);
  });

  it('names the step that it begins next, also where an earlier attempt was held', () => {
    const held = describeRun(factsOf(statusOf(rowOf(viewOf(PARKED, 3)))), look.clock);
    expect(PLAN.steps[3]?.kind).toBe('offer');
    expect(held.next).toContain('wave 2 of 3');
  });

  it('says of a scheduled one when it begins, and of one that never opens that it does not', () => {
    const scheduled = pictureOf({ ...PARKED, heldBy: 'schedule', reason: 'scheduled for 2025-11-22T02:00:00.000Z' });
    expect(scheduled.doing).toBe('waiting for its scheduled time: begins Sat 02:00 UTC (in 9 h)');
    expect(scheduled.waiting).toContain('scheduled for Sat 02:00 UTC (in 9 h)');
    expect(scheduled.waiting).toMatch(/start-now needs a reason$/);
    expect(pictureOf({ ...PARKED, opensAt: null }).doing).toBe('waiting for the window: it does not open by itself');
  });

  it('is told to programs, also while it is paused', () => {
    const window = { held_by: 'window', opens_at: PARKED.opensAt, reason: PARKED.reason, since: PARKED.since };
    expect(statusDocument(statusOf(rowOf(viewOf(PARKED, 2))))).toMatchObject({ status: 'waiting-for-window', window });
    const paused: RunState = { phase: 'paused', since: NOW, by: 'ada', reason: 'lunch', under: PARKED };
    expect(statusDocument(statusOf(rowOf(viewOf(paused, 2))))).toMatchObject({ status: 'paused', window });
    const running: RunState = { phase: 'running', since: NOW };
    expect(statusDocument(statusOf(rowOf(viewOf(running, 2)))).window).toBeNull();
  });
});
