import type { JournalEntry } from '../journal/journal-entry.ts';
import type { RunView } from '../run/run-view.ts';

export interface AppendJournalInput {
  readonly run: string;
  readonly entries: readonly JournalEntry[];
  /** The run as it stands after the last entry: projected into `runs`, so lists and status need no worker. */
  readonly view: RunView;
}

/** Implemented by `activities/journal`; queue `data`. */
export interface JournalActivities {
  /** Writes entries and outbox rows in one transaction; entries already there (run, seq) are left as they are. */
  appendJournal(input: AppendJournalInput): Promise<void>;
}
