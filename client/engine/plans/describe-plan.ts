import { earlierDuration, type StoredPlan } from '../../../activities/adapters/postgres/plans.ts';
import { tally, type Tally } from '#domain/approvals/approval.ts';
import { judgeDecisions, standing, type JudgedDecision } from '#domain/plan/early-decisions.ts';
import { firstApproval } from '#domain/plan/first-approval.ts';
import { lockOf } from '#domain/plan/plan-subject.ts';
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
  /** Given before any run, oldest first; none where no approval is asked for. */
  readonly decisions: readonly JudgedDecision[];
  /** Null when the plan waits for nobody. */
  readonly approval: FirstApproval | null;
  /** How long earlier runs of the same application, or of the environment’s devices, took; null before the first. */
  readonly earlier: { readonly runs: number; readonly medianMs: number } | null;
}

/** Throws PLAN_NOT_FOUND, PLAN_CHANGED. */
export async function describePlan(deps: EngineDeps, planId: string): Promise<DescribedPlan> {
  const stored = await loadPlan(deps, planId);
  const { plan } = stored;
  const earlier = await patientRead(deps, (pool) =>
    earlierDuration(pool, { environment: plan.environment.name, lock: lockOf(plan) }),
  );
  const step = firstApproval(plan);
  if (step === null) return { ...stored, decisions: [], approval: null, earlier };
  const { policy } = step;
  const people = await loadPeople(deps);
  const given = await listPlanDecisions(deps, plan.planId);
  const decisions = judgeDecisions(given, { policy, people, now: new Date().toISOString() });
  const counted = standing(decisions);
  const decided = new Set(counted.map(({ by }) => by));
  const able = Object.entries(people)
    .filter(([name, { roles }]) => roles.includes(policy.role) && name !== plan.author && !decided.has(name))
    .map(([name]) => name);
  return { ...stored, decisions, approval: { step, tally: tally(policy, counted), able }, earlier };
}
