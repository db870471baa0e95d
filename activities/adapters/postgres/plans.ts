/** Plans, which never change, and the decisions given on them: tables `plans` and `plan_approvals`. */
import type { ApprovalDecision } from '#domain/approvals/approval.ts';
import type { PlanId } from '#domain/ids.ts';
import type { Plan } from '#domain/plan/plan.ts';
import type { Connection, Pool } from './pool.ts';

type Queryable = Pool | Connection;

export interface StoredPlan<Kind extends Plan = Plan> {
  readonly plan: Kind;
  readonly digest: string;
}

/** A plan in a list. */
export interface PlanSummary {
  readonly planId: PlanId;
  readonly name: string;
  readonly environment: string;
  readonly kind: Plan['kind'];
  /** The firmware or the application. */
  readonly subject: string;
  readonly version: string;
  readonly strategy: string;
  readonly author: string;
  readonly digest: string;
  readonly createdAt: string;
  /** People who approved it before any run. */
  readonly approvals: number;
}

/** Stores a plan; one that is there already stays as it is. */
export async function insertPlan(database: Queryable, { plan, digest }: StoredPlan): Promise<void> {
  await database.query(
    `insert into plans (plan_id, name, environment, author, digest, document, created_at)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (plan_id) do nothing`,
    [plan.planId, plan.name, plan.environment.name, plan.author, digest, JSON.stringify(plan), plan.createdAt],
  );
}

/** The plan, or null. */
export async function findPlan(database: Queryable, planId: PlanId): Promise<StoredPlan | null> {
  const { rows } = await database.query<{ document: Plan; digest: string }>(
    'select document, digest from plans where plan_id = $1',
    [planId],
  );
  const [row] = rows;
  return row ? { plan: row.document, digest: row.digest } : null;
}

/** The plan of that digest, or null. */
export async function findPlanByDigest(database: Queryable, digest: string): Promise<Plan | null> {
  const { rows } = await database.query<{ document: Plan }>('select document from plans where digest = $1 limit 1', [
    digest,
  ]);
  return rows[0]?.document ?? null;
}

/** Makes two decisions on the same plan come one after the other; held until the transaction ends. */
export async function lockPlan(connection: Connection, planId: PlanId): Promise<void> {
  await connection.query('select from plans where plan_id = $1 for update', [planId]);
}

const MOST_LISTED = 500;

/** The newest plans first, at most 500. */
export async function listPlanSummaries(database: Queryable): Promise<PlanSummary[]> {
  const { rows } = await database.query<Omit<PlanSummary, 'createdAt'> & { createdAt: Date }>(
    `select plan_id as "planId", name, environment, author, digest, created_at as "createdAt",
       document->>'kind' as kind,
       coalesce(document->'application', document->'firmware', document->'release')->>'name' as subject,
       coalesce(document->'application', document->'firmware', document->'release')->>'version' as version,
       document->'strategy'->>'kind' as strategy,
       (select count(distinct decision->>'by')::int from plan_approvals a
        where a.plan_id = p.plan_id and decision->>'decision' = 'approve') as approvals
     from plans p order by created_at desc, plan_id desc limit $1`,
    [MOST_LISTED],
  );
  return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
}

/** Decisions on a plan, in the order in which they were given. */
export async function readDecisions(database: Queryable, planId: PlanId): Promise<ApprovalDecision[]> {
  const { rows } = await database.query<{ decision: ApprovalDecision }>(
    'select decision from plan_approvals where plan_id = $1 order by decided_at, command_id',
    [planId],
  );
  return rows.map(({ decision }) => decision);
}

export async function insertDecision(database: Queryable, planId: PlanId, decision: ApprovalDecision): Promise<void> {
  await database.query(
    'insert into plan_approvals (plan_id, command_id, decision, decided_at) values ($1, $2, $3, $4)',
    [planId, decision.commandId, JSON.stringify(decision), decision.at],
  );
}

/** The open run of a plan, or null. */
export async function openRunOf(database: Queryable, planId: PlanId): Promise<string | null> {
  const { rows } = await database.query<{ run: string }>(
    'select run_id as run from runs where plan_id = $1 and not closed limit 1',
    [planId],
  );
  return rows[0]?.run ?? null;
}

/** How long completed runs of that place took: the median of the last 20, null when there is none. */
export async function earlierDuration(
  database: Queryable,
  { environment, lock }: { readonly environment: string; readonly lock: string },
): Promise<{ readonly runs: number; readonly medianMs: number } | null> {
  const { rows } = await database.query<{ runs: number; seconds: number | null }>(
    `select count(*)::int as runs,
       percentile_cont(0.5) within group (order by extract(epoch from completed_at - started_at)::float8) as seconds
     from (select started_at, completed_at from runs where environment = $1 and subject = $2 and phase = 'completed'
           and completed_at is not null order by completed_at desc limit 20) as completed`,
    [environment, lock],
  );
  const { runs = 0, seconds = null } = rows[0] ?? {};
  return seconds === null ? null : { runs, medianMs: Math.round(seconds * 1000) };
}
