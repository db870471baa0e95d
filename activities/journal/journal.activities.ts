import type { JournalActivities } from '#domain/ports/journal.port.ts';
import { appendJournal, type JournalDeps } from '../runtime/append-journal.ts';
import { guarded } from '../runtime/guard.ts';
import { withHeartbeat } from '../runtime/heartbeat.ts';

/** The journal of runs in PostgreSQL. A database that is away makes the activity fail as one that is tried again. */
export function createJournalActivities(deps: JournalDeps): JournalActivities {
  return { appendJournal: guarded((input) => withHeartbeat(() => appendJournal(deps, input))) };
}
