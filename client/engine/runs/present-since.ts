import { readStableReleases } from '../../../activities/adapters/postgres/releases-of-applications.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { JointPlan } from '#domain/plan/joint-plan.ts';
import type { Plan } from '#domain/plan/plan.ts';
import type { EngineDeps } from '../engine.ts';
import { patientRead } from '../patient-read.ts';
import { loadPlan } from '../plans/load-plan.ts';

/**
 * What serves now although the plan was made upon something else, in words. Throws RELEASE_OUTDATED when the plan skips its
 * strategy because nothing served: it must not replace at once what does by now.
 */
export async function changesSince(deps: EngineDeps, plan: Plan): Promise<string[]> {
  if (plan.kind === 'fleet-rollout') return [];
  if (plan.kind === 'joint-release') return changesOfMembers(deps, plan);
  const { application, environment, present, strategy } = plan;
  const stable = (await patientRead(deps, readStableReleases)).find(
    (one) => one.environment === environment.name && one.application === application.name,
  );
  if (stable === undefined || stable.release === present?.release) return [];
  if (strategy.kind === 'first') {
    const why = `it was made when nothing served, now ${stable.version} does`;
    throw sluiceError('RELEASE_OUTDATED', { application: application.name, environment: environment.name, why });
  }
  const then = present === null ? 'nothing' : `${present.version} (release ${present.release})`;
  const now = `${stable.version} (release ${stable.release})`;
  return [`${now} serves by now, where the plan saw ${then}: a rollback of this run returns to ${stable.version}`];
}

async function changesOfMembers(deps: EngineDeps, { members }: JointPlan): Promise<string[]> {
  const changes = await Promise.all(
    members.map(async ({ planId }) => changesSince(deps, (await loadPlan(deps, planId)).plan)),
  );
  return changes.flat();
}
