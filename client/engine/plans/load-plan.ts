import {
  findPlan,
  listPlanSummaries,
  readDecisions,
  type PlanSummary,
  type PlanRow,
} from '../../../activities/adapters/postgres/plans.ts';
import type { Connection, Pool } from '../../../activities/adapters/postgres/pool.ts';
import type { ApprovalDecision } from '#domain/approvals/approval.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { isPlanId, type PlanId } from '#domain/ids.ts';
import type { EngineDeps } from '../engine.ts';
import { planDigest } from './digest.ts';

/** A plan as it was made, and what people decided on it before any run. */
export interface StoredPlan extends PlanRow {
  readonly decisions: readonly ApprovalDecision[];
}

/** The plan, its digest and its decisions. Throws PLAN_NOT_FOUND, and PLAN_CHANGED when what is stored is no longer what was digested. */
export async function loadPlan(deps: EngineDeps, planId: string): Promise<StoredPlan> {
  const database = await deps.database();
  const stored = await readPlanRow(database, planId);
  return { ...stored, decisions: await readDecisions(database, stored.plan.planId) };
}

/** Decisions given on the plan before any run, oldest first: they count for the first approval of a run with its digest. */
export async function listPlanDecisions(deps: EngineDeps, planId: PlanId): Promise<ApprovalDecision[]> {
  return readDecisions(await deps.database(), planId);
}

/** The newest plans first. */
export async function listPlans(deps: EngineDeps): Promise<PlanSummary[]> {
  return listPlanSummaries(await deps.database());
}

/** The plan without its decisions, inside a transaction if need be. Throws as `loadPlan`. */
export async function readPlanRow(database: Connection | Pool, planId: string): Promise<PlanRow> {
  const stored = isPlanId(planId) ? await findPlan(database, planId) : null;
  if (stored === null) throw sluiceError('PLAN_NOT_FOUND', { plan: planId });
  if (planDigest(stored.plan) === stored.digest) return stored;
  throw sluiceError('PLAN_CHANGED', { plan: planId, what: 'its stored text does not have its digest' });
}
