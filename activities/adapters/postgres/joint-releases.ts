/** Releases of several applications by name: table `joint_releases`, beside their plans and runs. */
import type { PlanId, RunId } from '#domain/ids.ts';
import type { JointPlan } from '#domain/plan/joint-plan.ts';
import type { Phase } from '#domain/run/run-state.ts';
import type { RunView } from '#domain/run/run-view.ts';
import type { Iso } from '#domain/time.ts';
import { jsonText } from './json-text.ts';
import type { Connection, Pool } from './pool.ts';

/** Who called a release off before it was started. */
export interface CalledOff {
  readonly by: string;
  readonly at: Iso;
  readonly reason: string;
}

/** A release, and its last run. */
export interface JointReleaseRow {
  readonly planId: PlanId;
  readonly digest: string;
  readonly name: string;
  readonly environment: string;
  readonly createdAt: Iso;
  readonly plan: JointPlan;
  readonly calledOff: CalledOff | null;
  /** Null before its first one. */
  readonly run: JointRun | null;
}

export interface JointRun {
  readonly run: RunId;
  readonly phase: Phase;
  readonly closed: boolean;
  readonly view: RunView | null;
  readonly startedBy: string;
  readonly startedAt: Iso;
  readonly completedAt: Iso | null;
}

interface Row {
  planId: PlanId;
  digest: string;
  name: string;
  environment: string;
  createdAt: Date;
  plan: JointPlan;
  calledOff: CalledOff | null;
  run: RunId | null;
  phase: Phase;
  closed: boolean;
  view: RunView | null;
  startedBy: string;
  startedAt: Date;
  completedAt: Date | null;
}

const SELECT = `select j.plan_id as "planId", p.digest, j.name, j.environment, j.created_at as "createdAt",
    p.document as plan, j.called_off as "calledOff", r.run_id as run, r.phase, r.closed, r.view,
    r.started_by as "startedBy", r.started_at as "startedAt", r.completed_at as "completedAt"
  from joint_releases j join plans p using (plan_id)
  left join lateral (select * from runs where runs.plan_id = j.plan_id order by started_at desc, run_id desc limit 1) r
    on true`;

/** Stores the name of a release whose plan is stored; one that is there already stays as it is. */
export async function insertJointRelease(database: Connection, plan: JointPlan): Promise<void> {
  await database.query(
    `insert into joint_releases (plan_id, name, environment, created_at) values ($1, $2, $3, $4)
     on conflict (plan_id) do nothing`,
    [plan.planId, plan.release.name, plan.environment.name, plan.createdAt],
  );
}

/** The release of that plan, or null. */
export async function findJointRelease(database: Connection | Pool, planId: string): Promise<JointReleaseRow | null> {
  const { rows } = await database.query<Row>(`${SELECT} where j.plan_id = $1`, [planId]);
  return rows[0] ? rowOf(rows[0]) : null;
}

/** Releases by name and environment, as far as they are given, the newest first. */
export async function listJointReleases(
  database: Connection | Pool,
  { name = null, environment = null }: { readonly name?: string | null; readonly environment?: string | null },
  limit: number,
): Promise<JointReleaseRow[]> {
  const { rows } = await database.query<Row>(
    `${SELECT} where ($1::text is null or j.name = $1) and ($2::text is null or j.environment = $2)
     order by j.created_at desc, j.plan_id desc limit $3`,
    [name, environment, limit],
  );
  return rows.map(rowOf);
}

/** Calls a release off; one that was called off already keeps who did. */
export async function callOff(database: Connection, planId: PlanId, calledOff: CalledOff): Promise<void> {
  await database.query('update joint_releases set called_off = $2 where plan_id = $1 and called_off is null', [
    planId,
    jsonText(calledOff),
  ]);
}

function rowOf({
  run,
  phase,
  closed,
  view,
  startedBy,
  startedAt,
  completedAt,
  createdAt,
  ...row
}: Row): JointReleaseRow {
  const told = { phase, closed, view, startedBy, completedAt: completedAt?.toISOString() ?? null };
  return {
    ...row,
    createdAt: createdAt.toISOString(),
    run: run === null ? null : { run, ...told, startedAt: startedAt.toISOString() },
  };
}
