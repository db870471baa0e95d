import type { Pin } from '../coordination/holds.ts';
import type { JournalEntry } from './journal-entry.ts';

/** What the end of a run says of a pin; nothing in journals from before there were any. */
export const pinsTold = (entries: readonly JournalEntry[]): readonly Pin[] =>
  entries.flatMap(({ type, data }) => (type === 'run-ended' && data['pin'] ? [data['pin'] as Pin] : []));
