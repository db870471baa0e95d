import { ulid } from 'ulid';
import { jsonText } from './json-text.ts';
import type { Pool } from './pool.ts';

export interface Evidence {
  readonly run: string;
  /** The step or criterion that it belongs to: `wave 2`, `pre/security_scan`, `watch`. */
  readonly step: string;
  /** What was seen; without secrets, of limited size. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Keeps what a check saw, before anything is torn down; returns its id, `evd_…`. */
export async function insertEvidence(pool: Pool, { run, step, body }: Evidence): Promise<string> {
  const id = `evd_${ulid()}`;
  await pool.query('insert into evidence (evidence_id, run_id, step, body) values ($1, $2, $3, $4)', [
    id,
    run,
    step,
    jsonText(body),
  ]);
  return id;
}
