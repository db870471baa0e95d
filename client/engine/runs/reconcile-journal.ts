import { appendJournal } from '../../../activities/adapters/postgres/run-journal.ts';
import { inTransaction, type Connection } from '../../../activities/adapters/postgres/pool.ts';
import { insertRunEvents, lastSeqOf } from '../../../activities/adapters/postgres/run-events.ts';
import {
  ageOfRunMs,
  closeRun,
  holdOffers,
  listUnfinishedRuns,
  type RunRow,
} from '../../../activities/adapters/postgres/runs.ts';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import { isClosed } from '#domain/run/run-state.ts';
import type { RunView } from '#domain/run/run-view.ts';
import type { EngineDeps } from '../engine.ts';
import { finalEntry, finalState, type Ending } from './final-entry.ts';
import { readRecord, type RunRecordCopy } from './read-record.ts';
import { readWorkflowEnd } from './workflow-end.ts';

/** A start is given up after 20 s (`start-run.ts`), so a row of this age without a workflow will never have one. */
const NEVER_STARTED_AFTER_MS = 30_000;
/** Longer than Temporal keeps closed runs: of older ones nothing can be learnt any more. */
const LOOK_BACK_DAYS = 3;

export interface Reconciled {
  readonly run: string;
  readonly what: 'open' | 'closed' | 'never-started' | 'journal-pending' | 'could-not-find-out';
  readonly detail: string;
}

/**
 * Finishes the records of runs that could not do so themselves: terminated ones, those whose starter died before the
 * start. Safe to repeat and to run beside itself. Frees an environment only when its holder is surely over.
 */
export async function reconcileRuns(deps: EngineDeps): Promise<Reconciled[]> {
  const rows = await listUnfinishedRuns(await deps.database(), LOOK_BACK_DAYS);
  const done: Reconciled[] = [];
  for (const row of rows) {
    done.push(
      await reconcileRun(deps, row).catch((error: unknown): Reconciled => ({
        run: row.run,
        what: 'could-not-find-out',
        detail: String(error),
      })),
    );
  }
  return done;
}

/** The same for one run. Throws when Temporal or the database cannot tell. */
export async function reconcileRun(deps: EngineDeps, row: RunRow): Promise<Reconciled> {
  const client = await deps.temporal();
  const { run } = row;
  const end = await readWorkflowEnd(client, row.workflowId);
  if (end.kind === 'open') return { run, what: 'open', detail: '' };
  if (end.kind === 'missing') return closeMissing(deps, row);
  const record = await readRecord(client, row.workflowId);
  if (!record && row.closed) return { run, what: 'journal-pending', detail: 'no worker answers its queries' };
  await closeAs(deps, row, { ending: end, record });
  return { run, what: record ? 'closed' : 'journal-pending', detail: end.why };
}

async function closeMissing(deps: EngineDeps, row: RunRow): Promise<Reconciled> {
  const pool = await deps.database();
  const { run } = row;
  const hasBegun = row.view !== null;
  if (!hasBegun && (await ageOfRunMs(pool, run)) < NEVER_STARTED_AFTER_MS) return { run, what: 'open', detail: '' };
  const why = hasBegun ? 'its workflow is gone from Temporal' : 'never started';
  const ending: Ending = { status: 'MISSING', at: new Date().toISOString(), why };
  const seq = await lastSeqOf(pool, run);
  await inTransaction(pool, async (connection) => {
    await insertRunEvents(connection, run, [finalEntry(seq + 1, ending)]);
    await close(connection, row, { ending, view: row.view });
  });
  return { run, what: hasBegun ? 'closed' : 'never-started', detail: why };
}

interface Closing {
  readonly ending: Ending;
  /** Null while no worker answers: the environment is given back now, the journal follows. */
  readonly record: RunRecordCopy | null;
}

async function closeAs(deps: EngineDeps, row: RunRow, { ending, record }: Closing): Promise<void> {
  const pool = await deps.database();
  if (record) {
    const view = closedView(record.view, ending);
    await appendJournal(pool, { run: row.run, entries: withFinal(record.entries, ending), view });
  }
  await inTransaction(pool, (connection) => close(connection, row, { ending, view: record?.view ?? row.view }));
}

function withFinal(entries: readonly JournalEntry[], ending: Ending): readonly JournalEntry[] {
  if (entries.some(({ type }) => type === 'run-ended')) return entries;
  return [...entries, finalEntry((entries.at(-1)?.seq ?? 0) + 1, ending)];
}

/** `view` is the last that the run said of itself. */
async function close(
  connection: Connection,
  row: RunRow,
  end: { ending: Ending; view: RunView | null },
): Promise<void> {
  const { ending, view } = end;
  const { phase } = finalState(view?.state ?? null, ending);
  await closeRun(connection, row.run, { phase, at: ending.at, view: view && closedView(view, ending) });
  // Cut short, a run leaves its jobs open, and nobody watches its criteria any more.
  if (!view || !isClosed(view.state.phase)) await holdOffers(connection, row.run);
}

const closedView = (view: RunView, ending: Ending): RunView => ({
  ...view,
  state: finalState(view.state, ending),
  waiting: null,
});
