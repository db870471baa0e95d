import { ulid } from 'ulid';
import type { Iso } from '#domain/time.ts';
import { jsonText } from './json-text.ts';
import type { Pool } from './pool.ts';

export interface Evidence {
  readonly run: string;
  /** The step or criterion that it belongs to: `wave 2`, `pre/security_scan`, `watch`. */
  readonly step: string;
  /** What was seen; without secrets, of limited size. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Keeps what a check saw, before anything is torn down; returns its id, `evd_…`. One that is kept already stays as it is. */
export async function insertEvidence(pool: Pool, { run, step, body }: Evidence, id = `evd_${ulid()}`): Promise<string> {
  await pool.query(
    `insert into evidence (evidence_id, run_id, step, body) values ($1, $2, $3, $4)
     on conflict (evidence_id) do nothing`,
    [id, run, step, jsonText(body)],
  );
  return id;
}

/** What was kept under `id`, or null. */
export async function findEvidence(pool: Pool, id: string): Promise<Evidence['body'] | null> {
  const { rows } = await pool.query<Pick<Evidence, 'body'>>('select body from evidence where evidence_id = $1', [id]);
  return rows[0]?.body ?? null;
}

export interface StoredEvidence extends Omit<Evidence, 'run'> {
  readonly id: string;
  readonly at: Iso;
}

/** Everything that was kept for a run, oldest first. */
export async function readEvidence(pool: Pool, run: string): Promise<StoredEvidence[]> {
  const { rows } = await pool.query<Omit<StoredEvidence, 'at'> & { at: Date }>(
    'select evidence_id as id, step, at, body from evidence where run_id = $1 order by at, evidence_id',
    [run],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
