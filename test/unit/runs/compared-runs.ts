// Runs to hold against each other.
import type { ComparedRun } from '../../../client/engine/runs/diff-results.ts';
import type { RunId } from '#domain/ids.ts';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { Plan } from '#domain/plan/plan.ts';
import { PLAN, rowOf, statusOf, viewOf, waveOf } from './sample-run.ts';

export const NOW = '2025-11-21T15:00:00.000Z';
/** Minutes after the start of all of them. */
export const after = (minutes: number): string =>
  new Date(Date.parse('2025-11-21T14:00:00.000Z') + minutes * 60_000).toISOString();

type Said = readonly [minutes: number, type: JournalEntry['type'], data?: object, summary?: string];
/** A journal of those entries. */
export const journal = (...said: readonly Said[]): JournalEntry[] =>
  said.map(([minutes, type, data = {}, summary = type], index) => {
    return { seq: index + 1, at: after(minutes), type, summary, data: { ...data } };
  });

/** The sample run, completed in ten minutes: its first wave took two of them, its bake five. */
export function completed(changes: Partial<ComparedRun> = {}): ComparedRun {
  const view = viewOf({ phase: 'completed', since: after(10) }, null);
  return {
    status: statusOf(rowOf(view, { closed: true, completedAt: after(10) }), [
      waveOf(1, 20, { offered: 20, succeeded: 20 }),
    ]),
    plan: PLAN,
    events: journal(
      [0, 'run-started'],
      [1, 'step-started', { step: 'offer-1' }],
      [3, 'step-ended', { step: 'offer-1', outcome: 'passed' }],
      [3, 'step-started', { step: 'bake-1' }],
      [8, 'step-ended', { step: 'bake-1', outcome: 'passed' }],
      [10, 'run-ended'],
    ),
    evidence: [],
    ...changes,
  };
}

export const OTHER = 'exe_01HOTHER' as RunId;

/** Another run, of `plan`. */
export function other(plan: Plan = PLAN, changes: Partial<ComparedRun> = {}): ComparedRun {
  const one = completed();
  return { ...one, status: { ...one.status, row: { ...one.status.row, run: OTHER } }, plan, ...changes };
}

/** Another one that went back after its first wave. */
export function rolledBack(): ComparedRun {
  const view = viewOf({ phase: 'rolled-back', since: after(6), reason: 'failure rate 35 % > 10 %' }, null);
  const row = rowOf(view, { run: OTHER, closed: true, completedAt: after(6) });
  const status = statusOf(row, [waveOf(1, 20, { offered: 20, succeeded: 13, failed: 7 })]);
  return other(PLAN, {
    status: { ...status, wayBack: { devices: 13, returned: 13, left: 0 } },
    events: journal(
      [0, 'run-started'],
      [1, 'step-started', { step: 'offer-1' }],
      [4, 'breach', {}, 'failure rate 35 % > 10 %'],
      [4, 'rollback-started'],
      [6, 'run-ended'],
    ),
    evidence: [{ id: 'evd_1', step: 'watch', at: after(4), body: { summary: 'failure rate 35 %' } }],
  });
}
