import {
  findPlan,
  listPlanSummaries,
  readDecisions,
  type PlanSummary,
  type StoredPlan,
} from '../../../activities/adapters/postgres/plans.ts';
import type { Connection, Pool } from '../../../activities/adapters/postgres/pool.ts';
import type { ApprovalDecision } from '#domain/approvals/approval.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { isPlanId, type PlanId } from '#domain/ids.ts';
import type { EngineDeps } from '../engine.ts';
import { patientRead } from '../patient-read.ts';
import { planDigest } from './digest.ts';

/** The plan and its digest. Throws PLAN_NOT_FOUND, and PLAN_CHANGED when what is stored is no longer what was digested. */
export async function loadPlan(deps: EngineDeps, planId: string): Promise<StoredPlan> {
  return patientRead(deps, (pool) => readStoredPlan(pool, planId));
}

/** Decisions given on the plan before any run, oldest first: they count for the first approval of a run with its digest. */
export async function listPlanDecisions(deps: EngineDeps, planId: PlanId): Promise<ApprovalDecision[]> {
  return patientRead(deps, (pool) => readDecisions(pool, planId));
}

/** The newest plans first. */
export async function listPlans(deps: EngineDeps): Promise<PlanSummary[]> {
  return patientRead(deps, listPlanSummaries);
}

/** The plan without its decisions, inside a transaction if need be. Throws as `loadPlan`. */
export async function readStoredPlan(database: Connection | Pool, planId: string): Promise<StoredPlan> {
  const stored = isPlanId(planId) ? await findPlan(database, planId) : null;
  if (stored === null) throw sluiceError('PLAN_NOT_FOUND', { plan: planId });
  if (planDigest(stored.plan) === stored.digest) return stored;
  throw sluiceError('PLAN_CHANGED', { plan: planId, what: 'its stored text does not have its digest' });
}
