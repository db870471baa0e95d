import type { StoredPlan } from '../../../activities/adapters/postgres/plans.ts';
import type { DeploymentWindow } from '#domain/environments/window.ts';
import { describeWindow, isOpen, nextOpening } from '#domain/environments/window.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { judgeDecisions, type JudgedDecision } from '#domain/plan/early-decisions.ts';
import { firstApproval } from '#domain/plan/first-approval.ts';
import type { Plan } from '#domain/plan/plan.ts';
import { staleness } from '#domain/plan/stale-plan.ts';
import type { EngineDeps } from '../engine.ts';
import { loadConfiguration } from '../environments/load-configuration.ts';
import { environmentNamed } from '../environments/load-environment.ts';
import { loadPeople } from '../environments/load-people.ts';
import { patientRead } from '../patient-read.ts';
import { listPlanDecisions } from '../plans/load-plan.ts';

/**
 * Refuses a run that the present configuration does not allow now: PLAN_STALE when the plan was made under looser rules,
 * DEPLOYMENT_WINDOW_CLOSED, ENVIRONMENT_UNKNOWN.
 */
export async function refuseAgainstRules(deps: EngineDeps, { plan }: StoredPlan): Promise<void> {
  const whole = await patientRead(deps, loadConfiguration);
  const { name } = plan.environment;
  const environment = environmentNamed(whole, name);
  refuseOutsideWindow(name, environment.window);
  const changes = staleness(plan, { environment, configuration: whole.configuration });
  if (changes.length === 0) return;
  throw sluiceError('PLAN_STALE', { plan: plan.planId, environment: name, changes: changes.join('; ') });
}

function refuseOutsideWindow(name: string, window: DeploymentWindow | null): void {
  const now = new Date().toISOString();
  if (window === null || isOpen(window, now)) return;
  const opensAt = nextOpening(window, now);
  throw sluiceError('DEPLOYMENT_WINDOW_CLOSED', { environment: name, window: describeWindow(window), opensAt });
}

/** Decisions given on the plan before the start, judged by the people and the policy of now. */
export async function earlyDecisions(deps: EngineDeps, plan: Plan): Promise<JudgedDecision[]> {
  const approval = firstApproval(plan);
  if (approval === null) return [];
  const given = await listPlanDecisions(deps, plan.planId);
  const people = await loadPeople(deps);
  return judgeDecisions(given, { policy: approval.policy, people, now: new Date().toISOString() });
}
