// When what a run waits for ends at the latest, worked out from its journal and plan.
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { Plan } from '#domain/plan/plan.ts';
import type { RunView } from '#domain/run/run-view.ts';
import { addMs, type Iso } from '#domain/time.ts';

/** When the time of step `index` is over. Null while a pause holds it: its time stands still then. */
export function stepDeadline(events: readonly JournalEntry[], index: number, totalMs: number): Iso | null {
  let leftMs = totalMs;
  let startedAt: Iso | null = null;
  for (const { type, data, at } of events) {
    if (type === 'step-started' && data['index'] === index) startedAt = at;
    // Resumed after it was not finished in time, it has its whole time again.
    else if (type === 'step-ended' && data['index'] === index) leftMs = totalMs;
    else if (startedAt !== null && isPause(type, data)) {
      leftMs -= Date.parse(at) - Date.parse(startedAt);
      startedAt = null;
    }
  }
  return startedAt === null ? null : addMs(startedAt, leftMs);
}

const isPause = (type: JournalEntry['type'], data: JournalEntry['data']): boolean =>
  type === 'phase-changed' && data['phase'] === 'paused';

/** When a way back is given up. Null while there is none. */
export function wayBackDeadline(events: readonly JournalEntry[], { environment }: Plan): Iso | null {
  const began = events.findLast(({ type }) => type === 'rollback-started');
  return began ? addMs(began.at, environment.rollbackTimeoutMs) : null;
}

const WAITING_FOR_EVER: readonly unknown[] = ['short', 'unfinished'];

/**
 * When a run that asks what to do after a breach ends without an answer. Null for every other pause: a person's, and that
 * of a wave in which too few devices succeeded, wait for ever.
 */
export function answerDeadline({ state }: RunView, events: readonly JournalEntry[], plan: Plan): Iso | null {
  if (state.phase !== 'paused' || state.by !== 'sluice') return null;
  const lastOfStep = events.findLast(({ type }) => type === 'step-started' || type === 'step-ended');
  if (WAITING_FOR_EVER.includes(lastOfStep?.data['outcome'])) return null;
  return addMs(state.since, plan.environment.rollbackTimeoutMs);
}
