import type { Pool } from '../../../activities/adapters/postgres/pool.ts';

/** A device of a rollback, as it stands in `rollback_targets`. */
export interface WayBackRow {
  readonly thing: string;
  readonly version: string;
  readonly state: string;
  readonly detail: string;
}

/** The devices that a rollback of the run lists, by name. */
export async function readWaysBack(pool: Pool, run: string): Promise<WayBackRow[]> {
  const { rows } = await pool.query<WayBackRow>(
    'select thing, version, state, detail from rollback_targets where run_id = $1 order by thing',
    [run],
  );
  return rows;
}
