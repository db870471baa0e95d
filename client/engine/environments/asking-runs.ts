import type { RunRow } from '../../../activities/adapters/postgres/runs.ts';
import { tally } from '#domain/approvals/approval.ts';
import type { WaitingGate } from '#domain/run/run-view.ts';

/** A run that waits for people. */
export interface AskingRun {
  readonly row: RunRow;
  readonly waiting: WaitingGate;
  /** Approvals that it still needs. */
  readonly missing: number;
}

/** Open runs that still need somebody's word, those that wait the longest first. */
export function askingRuns(openRuns: readonly RunRow[]): AskingRun[] {
  const asking = openRuns.flatMap((row): AskingRun[] => {
    const waiting = row.view?.interrupt ? null : row.view?.waiting;
    if (!waiting) return [];
    const state = tally(waiting.policy, waiting.decisions);
    return state.kind === 'waiting' ? [{ row, waiting, missing: state.missing }] : [];
  });
  return asking.toSorted((one, other) => one.waiting.since.localeCompare(other.waiting.since));
}
