import type { PlanId, RunId } from '#domain/ids.ts';
import type { Phase } from '#domain/run/run-state.ts';
import type { RunView } from '#domain/run/run-view.ts';
import type { Iso } from '#domain/time.ts';
import { jsonText } from './json-text.ts';
import type { Connection, Pool } from './pool.ts';

/** A run as the database knows it: the journal's projection, so no worker is needed to read it. */
export interface RunRow {
  readonly run: RunId;
  readonly workflowId: string;
  readonly planId: PlanId;
  readonly name: string;
  readonly digest: string;
  readonly firmware: { readonly name: string; readonly version: string };
  readonly environment: string;
  readonly kind: string;
  readonly phase: Phase;
  readonly closed: boolean;
  /** Null until the run's first journal batch arrived. */
  readonly view: RunView | null;
  readonly startedBy: string;
  readonly startedAt: Iso;
  readonly completedAt: Iso | null;
}

export interface NewRun {
  readonly run: RunId;
  readonly workflowId: string;
  readonly planId: PlanId;
  readonly environment: string;
  readonly kind: string;
  readonly startedBy: string;
}

export interface RunFilter {
  readonly environment?: string | undefined;
  readonly phase?: string | undefined;
  readonly limit: number;
}

interface Row {
  run_id: RunId;
  workflow_id: string;
  plan_id: PlanId;
  name: string;
  digest: string;
  firmware: string;
  version: string;
  environment: string;
  kind: string;
  phase: Phase;
  closed: boolean;
  view: RunView | null;
  started_by: string;
  started_at: Date;
  completed_at: Date | null;
}

const SELECT = `select r.run_id, r.workflow_id, r.plan_id, p.name, p.digest,
    p.document->'firmware'->>'name' as firmware, p.document->'firmware'->>'version' as version,
    r.environment, r.kind, r.phase, r.closed, r.view, r.started_by, r.started_at, r.completed_at
  from runs r join plans p using (plan_id)`;

/** Gives the run its environment; false, and nothing is written, when another open run holds it. */
export async function insertRun(connection: Connection, run: NewRun): Promise<boolean> {
  const { rowCount } = await connection.query(
    `insert into runs (run_id, workflow_id, plan_id, environment, kind, phase, started_by)
     values ($1, $2, $3, $4, $5, 'queued', $6)
     on conflict (environment) where not closed do nothing`,
    [run.run, run.workflowId, run.planId, run.environment, run.kind, run.startedBy],
  );
  return rowCount === 1;
}

/** The run, or null when there is none of that id. */
export async function readRun(pool: Pool, run: string): Promise<RunRow | null> {
  const { rows } = await pool.query<Row>(`${SELECT} where r.run_id = $1`, [run]);
  return rows[0] ? runOf(rows[0]) : null;
}

/** The open run that holds `environment`, or null. */
export async function readHolder(pool: Pool, environment: string): Promise<RunRow | null> {
  const { rows } = await pool.query<Row>(`${SELECT} where r.environment = $1 and not r.closed`, [environment]);
  return rows[0] ? runOf(rows[0]) : null;
}

/** Runs, the latest first. */
export async function listRuns(pool: Pool, filter: RunFilter): Promise<RunRow[]> {
  const { rows } = await pool.query<Row>(
    `${SELECT} where ($1::text is null or r.environment = $1) and ($2::text is null or r.phase = $2)
     order by r.started_at desc, r.run_id desc limit $3`,
    [filter.environment ?? null, filter.phase ?? null, filter.limit],
  );
  return rows.map(runOf);
}

/**
 * Runs that may need the reconciler: open ones, and those closed in the last `days` without a final journal entry
 * (older ones have left Temporal's retention, nothing more can be learnt of them).
 */
export async function listUnfinishedRuns(pool: Pool, days: number): Promise<RunRow[]> {
  const { rows } = await pool.query<Row>(
    `${SELECT} where not r.closed or (r.completed_at > now() - make_interval(days => $1)
       and not exists (select 1 from run_events e where e.run_id = r.run_id and e.type = 'run-ended'))
     order by r.started_at`,
    [days],
  );
  return rows.map(runOf);
}

/** Makes two that finish a run's record come one after the other; held until the transaction ends. */
export async function lockRun(connection: Connection, run: RunId): Promise<void> {
  await connection.query('select from runs where run_id = $1 for update', [run]);
}

/** Milliseconds since the row was written, by the database's clock. */
export async function ageOfRunMs(pool: Pool, run: RunId): Promise<number> {
  const { rows } = await pool.query<{ ms: number }>(
    'select (extract(epoch from clock_timestamp() - started_at) * 1000)::float8 as ms from runs where run_id = $1',
    [run],
  );
  return rows[0]?.ms ?? 0;
}

/** Closes an open run in `phase` and gives its environment back; a run already closed keeps what it says. */
export async function closeRun(
  connection: Connection,
  run: RunId,
  end: { phase: Phase; at: Iso; view: RunView | null },
): Promise<void> {
  await connection.query(
    `update runs set phase = $2, closed = true, completed_at = $3, view = coalesce($4, view)
     where run_id = $1 and not closed`,
    [run, end.phase, end.at, end.view === null ? null : jsonText(end.view)],
  );
}

function runOf(row: Row): RunRow {
  return {
    run: row.run_id,
    workflowId: row.workflow_id,
    planId: row.plan_id,
    name: row.name,
    digest: row.digest,
    firmware: { name: row.firmware, version: row.version },
    environment: row.environment,
    kind: row.kind,
    phase: row.phase,
    closed: row.closed,
    view: row.view,
    startedBy: row.started_by,
    startedAt: row.started_at.toISOString(),
    completedAt: row.completed_at?.toISOString() ?? null,
  };
}
