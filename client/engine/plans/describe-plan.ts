import { earlierDuration, type StoredPlan } from '../../../activities/adapters/postgres/plans.ts';
import { tally, type ApprovalDecision, type Tally } from '#domain/approvals/approval.ts';
import { firstApproval } from '#domain/plan/first-approval.ts';
import type { ApproveStep } from '#domain/plan/steps.ts';
import type { EngineDeps } from '../engine.ts';
import { loadPeople } from '../environments/load-people.ts';
import { patientRead } from '../patient-read.ts';
import { listPlanDecisions, loadPlan } from './load-plan.ts';

/** The approval that a run of the plan waits for first. */
export interface FirstApproval {
  readonly step: ApproveStep;
  readonly tally: Tally;
  /** People of the configuration whose word would count and who have not given it. */
  readonly able: readonly string[];
}

/** A plan with what it costs and who must agree. */
export interface DescribedPlan extends StoredPlan {
  /** Given before any run, oldest first. */
  readonly decisions: readonly ApprovalDecision[];
  /** Null when the plan waits for nobody. */
  readonly approval: FirstApproval | null;
  /** How long earlier runs in the environment took; null before the first. */
  readonly earlier: { readonly runs: number; readonly medianMs: number } | null;
}

/** Throws PLAN_NOT_FOUND, PLAN_CHANGED. */
export async function describePlan(deps: EngineDeps, planId: string): Promise<DescribedPlan> {
  const { plan, digest } = await loadPlan(deps, planId);
  const stored = { plan, digest, decisions: await listPlanDecisions(deps, plan.planId) };
  const earlier = await patientRead(deps, (pool) => earlierDuration(pool, plan.environment.name));
  const step = firstApproval(plan);
  if (step === null) return { ...stored, approval: null, earlier };
  const decided = new Set(stored.decisions.map(({ by }) => by));
  const people = Object.entries(await loadPeople(deps));
  const able = people
    .filter(([name, { roles }]) => roles.includes(step.policy.role) && name !== plan.author && !decided.has(name))
    .map(([name]) => name);
  return { ...stored, approval: { step, tally: tally(step.policy, stored.decisions), able }, earlier };
}
