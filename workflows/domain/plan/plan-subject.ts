import type { ContainerPlan } from './container-plan.ts';
import type { FleetPlan } from './plan.ts';

type Delivering = Pick<ContainerPlan, 'kind' | 'application'> | Pick<FleetPlan, 'kind'>;

/** Within its environment one run at a time: for each application, or for all devices (empty). */
export const lockOf = (plan: Delivering): string => (plan.kind === 'container-release' ? plan.application.name : '');
