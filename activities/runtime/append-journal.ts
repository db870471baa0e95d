import { outgoingOf } from '#domain/journal/outgoing.ts';
import type { AppendJournalInput } from '#domain/ports/journal.port.ts';
import type { Logger } from 'pino';
import { isPassingDatabaseError } from '../adapters/postgres/passing-error.ts';
import { recordPins } from '../adapters/postgres/pins.ts';
import { inTransaction, type Pool } from '../adapters/postgres/pool.ts';
import { insertRunEvents } from '../adapters/postgres/run-events.ts';
import { announceRun, insertOutgoing, projectRun } from '../adapters/postgres/run-journal.ts';
import { fail } from './fail.ts';

export interface JournalDeps {
  readonly pool: Pool;
  readonly logger: Logger;
}

/** Stores what is not there yet (run, seq), and how the run stands. Throws JOURNAL_REJECTED, which is tried again. */
export async function appendJournal(
  { pool, logger }: JournalDeps,
  { run, entries, view }: AppendJournalInput,
): Promise<void> {
  try {
    await store(pool, { run, entries, view });
  } catch (error) {
    if (isPassingDatabaseError(error)) throw error;
    // Tried again for ever: nothing is proven without the journal, and what is wrong with it can be mended.
    fail('JOURNAL_REJECTED', { run, why: error instanceof Error ? error.message : String(error) }, { cause: error });
  }
  logger.debug({ run, entries: entries.length }, 'journal appended');
}

async function store(pool: Pool, { run, entries, view }: AppendJournalInput): Promise<void> {
  const last = entries.reduce((highest, { seq }) => Math.max(highest, seq), 0);
  if (last === 0) return;
  await inTransaction(pool, async (connection) => {
    await insertRunEvents(connection, run, entries);
    await insertOutgoing(connection, run, outgoingOf(entries));
    await projectRun(connection, run, last, view);
    await recordPins(connection, view.environment, entries);
    await announceRun(connection, run);
  });
}
