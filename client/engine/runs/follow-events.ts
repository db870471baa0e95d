import { readRunEvents } from '../../../activities/adapters/postgres/run-events.ts';
import { RunEventListener } from '../../../activities/adapters/postgres/run-event-listener.ts';
import { readRun, type RunRow } from '../../../activities/adapters/postgres/runs.ts';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { EngineDeps } from '../engine.ts';
import { patientRead } from '../patient-read.ts';

const PAGE = 500;
const LOOK_AGAIN_MS = 1_000;

export interface Following {
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
}

/** The journal of a run so far, in order. */
export async function listEvents(deps: EngineDeps, run: string): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for (;;) {
    const afterSeq = entries.at(-1)?.seq ?? 0;
    const page = await patientRead(deps, (pool) => readRunEvents(pool, run, { afterSeq, limit: PAGE }));
    entries.push(...page);
    if (page.length < PAGE) return entries;
  }
}

/**
 * Every journal entry of a run, as it comes, each once and in order; ends when the run is closed and all was given out.
 * A database that restarts is waited for: the cursor is the last entry given out, so none is lost or doubled.
 */
export async function* followEvents(deps: EngineDeps, run: string, following: Following): AsyncGenerator<JournalEntry> {
  const listener = new RunEventListener(await deps.database());
  try {
    let afterSeq = 0;
    while (!following.signal.aborted) {
      // In this order: what was written before the run closed is then surely read.
      const row: RunRow | null = await patientRead(deps, (pool) => readRun(pool, run), following.note);
      const cursor = afterSeq;
      const page: JournalEntry[] = await patientRead(
        deps,
        (pool) => readRunEvents(pool, run, { afterSeq: cursor, limit: PAGE }),
        following.note,
      );
      for (const entry of page) {
        yield entry;
        afterSeq = entry.seq;
      }
      if (page.length === PAGE) continue;
      if (!row || row.closed) return;
      await listener.wait(LOOK_AGAIN_MS, following.signal);
    }
  } finally {
    listener.close();
  }
}
