import type { ContainerPlan } from './container-plan.ts';
import type { JointPlan } from './joint-plan.ts';
import type { FleetPlan } from './plan.ts';

type Delivering =
  Pick<ContainerPlan, 'kind' | 'application'> | Pick<FleetPlan, 'kind'> | Pick<JointPlan, 'kind' | 'release'>;

/** Within its environment one run at a time: for each application, for all devices (empty), or for each release of several. */
export function lockOf(plan: Delivering): string {
  if (plan.kind === 'fleet-rollout') return '';
  // No application can have a name with a slash: a release keeps none of them from a run of its own.
  return plan.kind === 'joint-release' ? `release/${plan.release.name}` : plan.application.name;
}
