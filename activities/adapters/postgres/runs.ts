import type { PlaceWish } from '#domain/coordination/place.ts';
import type { PlanId, RunId } from '#domain/ids.ts';
import type { Plan } from '#domain/plan/plan.ts';
import type { Phase } from '#domain/run/run-state.ts';
import type { RunSubject, RunView } from '#domain/run/run-view.ts';
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
  readonly subject: RunSubject;
  readonly environment: string;
  readonly kind: string;
  readonly phase: Phase;
  readonly closed: boolean;
  /** Null until the run's first journal batch arrived. */
  readonly view: RunView | null;
  /** What it wants of its environment; null for a run from before runs queued. */
  readonly place: PlaceWish | null;
  /** The run of the release of several applications that it belongs to; null for one that a person started. */
  readonly partOf: RunId | null;
  /** It takes a completed release of several applications back. */
  readonly leadsBack: boolean;
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
  /** What holds the run’s place in its environment: the application; empty for all devices. */
  readonly lock: string;
  readonly startedBy: string;
  readonly place: PlaceWish | null;
  /** Left out: a person starts it. */
  readonly partOf?: RunId | null;
}

/** What one open run at a time may change. */
export interface RunPlace {
  readonly environment: string;
  /** The application; empty for the devices. */
  readonly lock: string;
}

/** What a list of runs is narrowed to; what is left out narrows nothing. */
export interface RunFilter {
  readonly environment?: string | undefined;
  /** The name of the application or of the firmware. */
  readonly delivered?: string | undefined;
  readonly phases?: readonly Phase[] | undefined;
  readonly kind?: Plan['kind'] | undefined;
  /** Started at that moment or later. */
  readonly since?: Iso | undefined;
  /** Started at that moment or earlier. */
  readonly until?: Iso | undefined;
  readonly startedBy?: string | undefined;
  readonly limit: number;
}

interface Row {
  run_id: RunId;
  workflow_id: string;
  plan_id: PlanId;
  name: string;
  digest: string;
  subject_kind: RunSubject['kind'];
  subject_name: string;
  version: string;
  environment: string;
  kind: string;
  phase: Phase;
  closed: boolean;
  view: RunView | null;
  place: PlaceWish | null;
  part_of: RunId | null;
  leads_back: boolean;
  started_by: string;
  started_at: Date;
  completed_at: Date | null;
}

const SELECT = `select r.run_id, r.workflow_id, r.plan_id, p.name, p.digest,
    case when p.document ? 'application' then 'application' when p.document ? 'release' then 'release' else 'firmware'
    end as subject_kind,
    coalesce(p.document->'application', p.document->'firmware', p.document->'release')->>'name' as subject_name,
    coalesce(p.document->'application', p.document->'firmware', p.document->'release')->>'version' as version,
    r.environment, r.kind, r.phase, r.closed, r.view, r.place, r.part_of,
    coalesce((p.document->>'isWayBack')::boolean, false) as leads_back, r.started_by, r.started_at, r.completed_at
  from runs r join plans p using (plan_id)`;

/** Writes the row of a run that is about to be started. */
export async function insertRun(connection: Connection, run: NewRun): Promise<void> {
  const { place } = run;
  await connection.query(
    `insert into runs (run_id, workflow_id, plan_id, environment, subject, kind, phase, started_by, place, part_of)
     values ($1, $2, $3, $4, $5, $6, 'queued', $7, $8, $9)`,
    [
      run.run,
      run.workflowId,
      run.planId,
      run.environment,
      run.lock,
      run.kind,
      run.startedBy,
      place === null ? null : jsonText(place),
      run.partOf ?? null,
    ],
  );
}

/** The run, or null when there is none of that id. */
export async function readRun(pool: Connection | Pool, run: string): Promise<RunRow | null> {
  const { rows } = await pool.query<Row>(`${SELECT} where r.run_id = $1`, [run]);
  return rows[0] ? runOf(rows[0]) : null;
}

/** Open runs of the subject, in the order of their starts: the first has it, the others wait for it. */
export async function readOpenRuns(pool: Pool, { environment, lock }: RunPlace): Promise<RunRow[]> {
  const { rows } = await pool.query<Row>(
    `${SELECT} where r.environment = $1 and r.subject = $2 and not r.closed order by r.started_at, r.run_id`,
    [environment, lock],
  );
  return rows.map(runOf);
}

/** Every open run of an environment. */
export async function readOpenRunsOf(pool: Pool, environment: string): Promise<RunRow[]> {
  const { rows } = await pool.query<Row>(`${SELECT} where r.environment = $1 and not r.closed`, [environment]);
  return rows.map(runOf);
}

/** The runs of these ids with the members of those that are releases, and every open one of the environment besides. */
export async function readRunsOf(
  pool: Pool,
  { environment, runs }: { readonly environment: string; readonly runs: readonly string[] },
): Promise<RunRow[]> {
  const { rows } = await pool.query<Row>(
    `${SELECT} where r.run_id = any($2) or r.part_of = any($2)
       or (r.environment = $1 and not r.closed) order by r.started_at, r.run_id`,
    [environment, runs],
  );
  return rows.map(runOf);
}

/** Runs, the latest first. */
export async function listRuns(pool: Pool, filter: RunFilter): Promise<RunRow[]> {
  const { environment, phases, delivered, kind, since, until, startedBy, limit } = filter;
  // Only of firmware the plan is opened: a release holds its place by the name of its application.
  const { rows } = await pool.query<Row>(
    `${SELECT} where ($1::text is null or r.environment = $1) and ($2::text[] is null or r.phase = any($2))
       and ($3::text is null or coalesce(nullif(r.subject, ''), p.document->'firmware'->>'name') = $3)
       and ($4::text is null or r.kind = $4) and ($5::timestamptz is null or r.started_at >= $5)
       and ($6::timestamptz is null or r.started_at <= $6) and ($7::text is null or r.started_by = $7)
     order by r.started_at desc, r.run_id desc limit $8`,
    [environment, phases, delivered, kind, since, until, startedBy, limit].map((value) => value ?? null),
  );
  return rows.map(runOf);
}

/**
 * Runs that may need the reconciler: open ones, and those closed in the last `days` without a final journal entry
 * (older ones have left Temporal's retention, nothing more can be learnt of them).
 */
export async function listUnfinishedRuns(
  pool: Pool,
  days: number,
): Promise<Pick<RunRow, 'run' | 'workflowId' | 'closed'>[]> {
  const { rows } = await pool.query<Pick<RunRow, 'run' | 'workflowId' | 'closed'>>(
    `select r.run_id as run, r.workflow_id as "workflowId", r.closed from runs r where not r.closed or (r.completed_at > now() - make_interval(days => $1)
       and not exists (select 1 from run_events e where e.run_id = r.run_id and e.type = 'run-ended'))
     order by r.started_at`,
    [days],
  );
  return rows;
}

/** Makes two that finish a run's record come one after the other; held until the transaction ends. */
export async function lockRun(connection: Connection, run: RunId): Promise<void> {
  await connection.query('select from runs where run_id = $1 for update', [run]);
}

/** A row whose run was never heard of is as young as if it were written now: who starts it has their whole time again. */
export async function renewRun(connection: Connection, run: RunId): Promise<void> {
  await connection.query('update runs set started_at = now() where run_id = $1 and not closed and view is null', [run]);
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
    subject: { kind: row.subject_kind, name: row.subject_name, version: row.version },
    environment: row.environment,
    kind: row.kind,
    phase: row.phase,
    closed: row.closed,
    view: row.view,
    place: row.place,
    partOf: row.part_of,
    leadsBack: row.leads_back,
    startedBy: row.started_by,
    startedAt: row.started_at.toISOString(),
    completedAt: row.completed_at?.toISOString() ?? null,
  };
}
