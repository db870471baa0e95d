import type { StoredPlan } from '../../../activities/adapters/postgres/plans.ts';
import type { Environment } from '#domain/environments/environment.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { jointReleaseRules, windowsOfStart } from '#domain/joint-releases/joint-release-rules.ts';
import type { JointPlan } from '#domain/plan/joint-plan.ts';
import { firstApproval } from '#domain/plan/first-approval.ts';
import type { EngineDeps } from '../engine.ts';
import { loadConfiguration } from '../environments/load-configuration.ts';
import { environmentNamed } from '../environments/load-environment.ts';
import { patientRead } from '../patient-read.ts';
import { loadPlan } from '../plans/load-plan.ts';

/**
 * The environment of a release of several applications, with the windows that hold its start. Throws
 * PLAN_STALE where it or one of its members was planned under looser rules, and what `refuseMember` throws.
 */
export async function refuseJointRelease(
  deps: EngineDeps,
  plan: JointPlan,
  refuseMember: (stored: StoredPlan) => Promise<Environment>,
): Promise<Environment> {
  const whole = await patientRead(deps, loadConfiguration);
  const environment = environmentNamed(whole, plan.environment.name);
  for (const { planId, digest } of plan.members) {
    const stored = await loadPlan(deps, planId);
    if (stored.digest !== digest)
      throw sluiceError('PLAN_CHANGED', { plan: planId, what: 'it is not what was planned' });
    await refuseMember(stored);
  }
  const rules = jointReleaseRules(whole.configuration.release);
  if (rules.needsApproval && firstApproval(plan) === null) {
    const changes = 'it has to be approved';
    throw sluiceError('PLAN_STALE', { plan: plan.planId, environment: environment.name, changes });
  }
  return { ...environment, windows: windowsOfStart(environment.windows, rules) };
}
