import type { StoredPlan } from '../../../activities/adapters/postgres/plans.ts';
import type { Environment } from '#domain/environments/environment.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { judgeDecisions, type JudgedDecision } from '#domain/plan/early-decisions.ts';
import { firstApproval } from '#domain/plan/first-approval.ts';
import type { Plan } from '#domain/plan/plan.ts';
import { staleRelease } from '#domain/plan/stale-release.ts';
import { staleness } from '#domain/plan/stale-plan.ts';
import type { EngineDeps } from '../engine.ts';
import { loadConfiguration } from '../environments/load-configuration.ts';
import { refuseJointRelease } from '../joint-releases/refuse-joint-release.ts';
import { environmentNamed } from '../environments/load-environment.ts';
import { loadPeople } from '../environments/load-people.ts';
import { patientRead } from '../patient-read.ts';
import { expectTarget } from '../plans/expect-target.ts';
import { refuseUnpassed } from '../promotions/refuse-unpassed.ts';
import { listPlanDecisions } from '../plans/load-plan.ts';

/**
 * The environment of a run, which the present configuration must allow: throws PLAN_STALE when the plan was made under looser
 * rules, PROMOTION_NEEDED when what it delivers did not pass where it has to, ENVIRONMENT_UNKNOWN, PLAN_TARGET_MISMATCH.
 */
export async function refuseAgainstRules(deps: EngineDeps, { plan }: StoredPlan): Promise<Environment> {
  const whole = await patientRead(deps, loadConfiguration);
  const { name } = plan.environment;
  if (plan.kind === 'joint-release') return refuseJointRelease(deps, plan, (one) => refuseAgainstRules(deps, one));
  const environment = environmentNamed(whole, name);
  expectTarget(environment, plan.kind === 'container-release' ? 'docker' : 'fleet', `plan ${plan.planId}`);
  const rules = { environment, configuration: whole.configuration };
  const changes = plan.kind === 'container-release' ? staleRelease(plan, rules) : staleness(plan, rules);
  if (changes.length > 0) {
    throw sluiceError('PLAN_STALE', { plan: plan.planId, environment: name, changes: changes.join('; ') });
  }
  await patientRead(deps, (pool) => refuseUnpassed(pool, environment, plan, `plan ${plan.planId}`));
  return environment;
}

/** Decisions given on the plan before the start, judged by the people and the policy of now. */
export async function earlyDecisions(deps: EngineDeps, plan: Plan): Promise<JudgedDecision[]> {
  const approval = firstApproval(plan);
  if (approval === null) return [];
  const given = await listPlanDecisions(deps, plan.planId);
  const people = await loadPeople(deps);
  return judgeDecisions(given, { policy: approval.policy, people, now: new Date().toISOString() });
}
