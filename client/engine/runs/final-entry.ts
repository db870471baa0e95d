import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import { isClosed, type RunState } from '#domain/run/run-state.ts';
import type { Iso } from '#domain/time.ts';

/** How a run's workflow ended, when the run itself could not say so. */
export interface Ending {
  /** Temporal's status, or `MISSING`. */
  readonly status: string;
  readonly at: Iso;
  readonly why: string;
}

/** The closed state of such a run: what it had reached if that was an end, else cancelled or failed with the reason. */
export function finalState(reached: RunState | null, ending: Ending): RunState {
  if (reached && isClosed(reached.phase)) return reached;
  const phase = ending.status === 'CANCELED' ? 'cancelled' : 'failed';
  return { phase, since: ending.at, reason: ending.why };
}

/** The journal entry that such a run did not come to write. */
export function finalEntry(seq: number, ending: Ending): JournalEntry {
  const { phase } = finalState(null, ending);
  return {
    seq,
    at: ending.at,
    type: 'run-ended',
    summary: `${phase}: ${ending.why}`,
    data: { phase, reason: ending.why, left: 0, reconciled: true },
  };
}
