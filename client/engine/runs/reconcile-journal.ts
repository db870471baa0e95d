import { recordPins } from '../../../activities/adapters/postgres/pins.ts';
import { inTransaction, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import { hasEnded, insertRunEvents, readRunEvents } from '../../../activities/adapters/postgres/run-events.ts';
import { announceRun, insertOutgoing, projectRun } from '../../../activities/adapters/postgres/run-journal.ts';
import { lockRun, readRun, type RunRow } from '../../../activities/adapters/postgres/runs.ts';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import { outgoingOf } from '#domain/journal/outgoing.ts';
import { isClosed } from '#domain/run/run-state.ts';
import type { RunView } from '#domain/run/run-view.ts';
import type { EngineDeps } from '../engine.ts';
import { closedView, closeRow, findFate } from './close-row.ts';
import { finalEntries, type Ending, type LeftBehind } from './final-entry.ts';
import { listLeft } from './list-left.ts';
import { readRecord } from './read-record.ts';
import { SuspectSearch } from './suspect-search.ts';

const ALL = { afterSeq: 0, limit: 1_000_000 };

export interface Reconciled {
  readonly run: string;
  /**
   * `starting`: its workflow is not there yet, and may never be. `journal-pending`: closed, but no worker answered.
   * `unknown`: Temporal or the database could not tell.
   */
  readonly what: 'open' | 'starting' | 'closed' | 'journal-pending' | 'unknown';
  readonly detail: string;
}

/**
 * Finishes the records of runs that could not do so themselves: terminated ones, and those whose starter died before
 * the start. Safe to repeat and to run beside itself; frees an environment only when its holder is surely over. Who looks
 * again and again keeps the search.
 */
export async function reconcileRuns(
  deps: EngineDeps,
  search: SuspectSearch = new SuspectSearch(deps),
): Promise<Reconciled[]> {
  const done: Reconciled[] = [];
  for (const suspect of await search.look()) {
    const { run } = suspect;
    // One run that cannot be told of must not keep the others waiting.
    const found = await reconcileRun(deps, run).catch((error: unknown): Reconciled => {
      return { run, what: 'unknown', detail: String(error) };
    });
    if (found.what === 'open') search.noteOpen(suspect);
    done.push(found);
  }
  return done;
}

/** The same for one run. Throws when Temporal or the database cannot tell. */
export async function reconcileRun(deps: EngineDeps, run: string): Promise<Reconciled> {
  const pool = await deps.database();
  const row = await readRun(pool, run);
  if (row === null) return { run, what: 'unknown', detail: 'it has no row' };
  const fate = await findFate(deps, row);
  if (fate.kind !== 'over') return { run, what: fate.kind, detail: '' };
  const { ending } = fate;
  const record = ending.status === 'MISSING' ? null : await readRecord(await deps.temporal(), row.workflowId);
  const view = record?.view ?? row.view;
  // First of all, so that no further device begins; the environment is free even while the journal has to wait.
  await closeRow(deps, row.run, { ending, view });
  const known = record?.entries ?? (ending.status === 'MISSING' ? await readRunEvents(pool, run, ALL) : null);
  if (!known) return { run, what: 'journal-pending', detail: ending.why };
  const isCutShort = !view || !isClosed(view.state.phase);
  await append(pool, row, {
    known,
    ending,
    behind: isCutShort ? await listLeft(pool, run) : NOTHING_LEFT,
    view: view && closedView(view, ending),
  });
  return { run, what: 'closed', detail: ending.why };
}

const NOTHING_LEFT: LeftBehind = { hasOffered: false, left: 0, examples: [] };

interface Missing {
  readonly known: readonly JournalEntry[];
  readonly ending: Ending;
  readonly behind: LeftBehind;
  readonly view: RunView | null;
}

/** Adds what the journal lacks, and tells others of it what they would have been told: each entry once, the end last. */
async function append(
  pool: Pool,
  { run, environment }: RunRow,
  { known, ending, behind, view }: Missing,
): Promise<void> {
  await inTransaction(pool, async (connection) => {
    // Of two that reconcile the run the later finds the other's end.
    await lockRun(connection, run);
    if (await hasEnded(connection, run)) return;
    const isEnded = known.some(({ type }) => type === 'run-ended');
    const entries = isEnded ? known : [...known, ...finalEntries(known, view?.state ?? null, ending, behind)];
    await insertRunEvents(connection, run, entries);
    await insertOutgoing(connection, run, outgoingOf(entries));
    if (view) await projectRun(connection, run, entries.at(-1)?.seq ?? 0, view);
    await recordPins(connection, environment, entries);
    await announceRun(connection, run);
  });
}
