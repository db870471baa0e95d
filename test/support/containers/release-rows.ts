// What the database says of releases, read beside the product's own queries.
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import type { Phase } from '#domain/run/run-state.ts';

export interface ReleaseStanding {
  readonly release: number;
  readonly run: string;
  readonly version: string;
  readonly state: 'staging' | 'stable' | 'retired' | 'withdrawn';
}

export async function readReleaseRows(
  pool: Pool,
  { environment, application }: { readonly environment: string; readonly application: string },
): Promise<ReleaseStanding[]> {
  const { rows } = await pool.query<ReleaseStanding>(
    `select release, run_id as run, version, state from releases
     where environment = $1 and application = $2 order by release`,
    [environment, application],
  );
  return rows;
}

/** How far a run of a release is. */
export interface ReleasePosition {
  readonly phase: Phase;
  readonly step: string | null;
  readonly isClosed: boolean;
  /** Types of its entries in their order, with the step where they have one. */
  readonly journal: readonly string[];
}

export async function readReleasePosition(pool: Pool, run: string): Promise<ReleasePosition> {
  const { rows } = await pool.query<ReleasePosition>(
    `select r.phase, r.view->'step'->>'id' as step, r.closed as "isClosed",
       array(select e.type || coalesce(':' || (e.data->>'step'), '') from run_events e where e.run_id = $1 order by e.seq)
         as journal
     from runs r where r.run_id = $1`,
    [run],
  );
  const [position] = rows;
  if (!position) throw new Error(`no run ${run}`);
  return position;
}
