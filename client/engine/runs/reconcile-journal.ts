import { inTransaction, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import { insertRunEvents, lastSeqOf } from '../../../activities/adapters/postgres/run-events.ts';
import { insertOutgoing, projectRun } from '../../../activities/adapters/postgres/run-journal.ts';
import { listUnfinishedRuns, type RunRow } from '../../../activities/adapters/postgres/runs.ts';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { RunView } from '#domain/run/run-view.ts';
import type { EngineDeps } from '../engine.ts';
import { closedView, closeRow, findEnding } from './close-row.ts';
import { finalEntry, type Ending } from './final-entry.ts';
import { readRecord } from './read-record.ts';

/** Longer than Temporal keeps closed runs: of older ones nothing can be learnt any more. */
const LOOK_BACK_DAYS = 3;

export interface Reconciled {
  readonly run: string;
  /** `journal-pending`: closed, but no worker answered; `unknown`: Temporal or the database could not tell. */
  readonly what: 'open' | 'closed' | 'journal-pending' | 'unknown';
  readonly detail: string;
}

/**
 * Finishes the records of runs that could not do so themselves: terminated ones, and those whose starter died before
 * the start. Safe to repeat and to run beside itself; frees an environment only when its holder is surely over.
 */
export async function reconcileRuns(deps: EngineDeps): Promise<Reconciled[]> {
  const done: Reconciled[] = [];
  for (const row of await listUnfinishedRuns(await deps.database(), LOOK_BACK_DAYS)) {
    const { run } = row;
    done.push(
      // One run that cannot be told of must not keep the others waiting.
      await reconcileRun(deps, row).catch((error: unknown): Reconciled => ({
        run,
        what: 'unknown',
        detail: String(error),
      })),
    );
  }
  return done;
}

async function reconcileRun(deps: EngineDeps, row: RunRow): Promise<Reconciled> {
  const { run } = row;
  const pool = await deps.database();
  const ending = await findEnding(deps, row);
  if (!ending) return { run, what: 'open', detail: '' };
  if (ending.status === 'MISSING') {
    await closeRow(deps, run, { ending, view: row.view });
    await append(pool, { run, entries: [finalEntry((await lastSeqOf(pool, run)) + 1, ending)], view: null });
    return { run, what: 'closed', detail: ending.why };
  }
  const record = await readRecord(await deps.temporal(), row.workflowId);
  if (record) {
    const view = closedView(record.view, ending);
    await append(pool, { run, entries: withFinal(record.entries, ending), view });
  }
  await closeRow(deps, run, { ending, view: record?.view ?? row.view });
  return { run, what: record ? 'closed' : 'journal-pending', detail: ending.why };
}

function withFinal(entries: readonly JournalEntry[], ending: Ending): readonly JournalEntry[] {
  if (entries.some(({ type }) => type === 'run-ended')) return entries;
  return [...entries, finalEntry((entries.at(-1)?.seq ?? 0) + 1, ending)];
}

interface Missing {
  readonly run: string;
  readonly entries: readonly JournalEntry[];
  readonly view: RunView | null;
}

/** Adds what the journal lacks. Of it only the end is told to others: the rest is old news by now. */
async function append(pool: Pool, { run, entries, view }: Missing): Promise<void> {
  const told = entries.filter(({ type }) => type === 'run-ended');
  await inTransaction(pool, async (connection) => {
    await insertRunEvents(connection, run, entries);
    await insertOutgoing(
      connection,
      run,
      told.map(({ seq, at, type, summary, data }) => ({ seq, topic: type, payload: { at, summary, data } })),
    );
    if (view) await projectRun(connection, run, entries.at(-1)?.seq ?? 0, view);
  });
}
