// The journal as its activity writes it: events, what is to be told to others, and the run's projection.
import type { Outgoing } from '#domain/journal/outgoing.ts';
import type { RunView } from '#domain/run/run-view.ts';
import { isClosed } from '#domain/run/run-state.ts';
import { jsonText } from './json-text.ts';
import type { Connection } from './pool.ts';

/** Adds what others are to be told; one that is there already (run, seq, topic) is left as it is. */
export async function insertOutgoing(
  connection: Connection,
  run: string,
  messages: readonly Outgoing[],
): Promise<void> {
  await connection.query(
    `insert into outbox (run_id, seq, topic, payload)
     select $1, m.seq, m.topic, m.payload from jsonb_to_recordset($2) as m (seq int, topic text, payload jsonb)
     on conflict (run_id, seq, topic) do nothing`,
    [run, jsonText(messages)],
  );
}

/** Sets the run to its view after entry `seq`, unless a later one is there: a batch that comes late turns nothing back. */
export async function projectRun(connection: Connection, run: string, seq: number, view: RunView): Promise<void> {
  const { phase, since } = view.state;
  const closed = isClosed(phase);
  await connection.query(
    `update runs set phase = $3, closed = $4, completed_at = coalesce(completed_at, $5), view = $6, view_seq = $2
     where run_id = $1 and view_seq < $2`,
    [run, seq, phase, closed, closed ? since : null, jsonText(view)],
  );
}

/** Tells everyone who follows runs that this one has news, when the transaction is committed. */
export async function announceRun(connection: Connection, run: string): Promise<void> {
  await connection.query(`select pg_notify('run_events', $1)`, [run]);
}
