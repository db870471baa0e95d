import type { JournalEntry, JournalEventType } from '#domain/journal/journal-entry.ts';
import { jsonText } from './json-text.ts';
import type { Connection, Pool } from './pool.ts';

interface EventRow {
  seq: number;
  at: Date;
  type: JournalEventType;
  summary: string;
  data: Record<string, unknown>;
}

/** The journal of a run after entry `afterSeq` (0 for all of it), at most `limit` entries, in order. */
export async function readRunEvents(
  pool: Pool,
  run: string,
  { afterSeq, limit }: { afterSeq: number; limit: number },
): Promise<JournalEntry[]> {
  const { rows } = await pool.query<EventRow>(
    'select seq, at, type, summary, data from run_events where run_id = $1 and seq > $2 order by seq limit $3',
    [run, afterSeq, limit],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

/** Adds entries of a run; one that is there already (run, seq) is left as it is. */
export async function insertRunEvents(
  connection: Connection,
  run: string,
  entries: readonly JournalEntry[],
): Promise<void> {
  await connection.query(
    `insert into run_events (run_id, seq, at, type, summary, data)
     select $1, e.seq, e.at, e.type, e.summary, e.data
     from jsonb_to_recordset($2) as e (seq int, at timestamptz, type text, summary text, data jsonb)
     on conflict (run_id, seq) do nothing`,
    [run, jsonText(entries)],
  );
}

/** Whether the journal of a run has its last entry. */
export async function hasEnded(connection: Connection, run: string): Promise<boolean> {
  const { rowCount } = await connection.query("select from run_events where run_id = $1 and type = 'run-ended'", [run]);
  return rowCount !== 0;
}
