import type { ContainerPlan } from './container-plan.ts';
import type { JointPlan } from './joint-plan.ts';
import type { FleetPlan, Plan, WaveSelection } from './plan.ts';

/** A wave as the workflow knows it: how many devices were named, never which. */
export type RunWave =
  Exclude<WaveSelection, { kind: 'devices' }> | { readonly kind: 'devices'; readonly named: number };

/**
 * A plan as it goes into a run's history: without the names of devices, which stand with the plan in the database. The
 * activities read it there and hold it against the run's digest, so the names are as immutable as the rest.
 */
export type RunPlan = FleetRunPlan | ContainerPlan | JointPlan;

export interface FleetRunPlan extends Omit<FleetPlan, 'waves'> {
  readonly waves: readonly RunWave[];
}

export const runPlanOf = (plan: Plan): RunPlan =>
  plan.kind === 'fleet-rollout' ? { ...plan, waves: plan.waves.map(runWaveOf) } : plan;

const runWaveOf = (wave: WaveSelection): RunWave =>
  wave.kind === 'devices' ? { kind: 'devices', named: wave.things.length } : wave;
