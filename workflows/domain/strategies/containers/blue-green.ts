import { ALL_TRAFFIC } from '../../containers/route.ts';
import { bakeSteps, ordinals, type ContainerStepsInput } from '../../plan/container-steps.ts';
import type { Step } from '../../plan/steps.ts';

/** The whole new version beside the old one, then all traffic at once; the old one stays until the bake is over. */
export function blueGreen(input: ContainerStepsInput): Step[] {
  const replicas = ordinals(input.replicas);
  return [
    { kind: 'stage', id: 'stage', replicas },
    { kind: 'verify', id: 'verify', replicas, join: 'beside', deadlineMs: input.readyWithinMs },
    ...input.staged,
    { kind: 'shift', id: 'shift', weightBasisPoints: ALL_TRAFFIC, timeoutMs: input.switchTimeoutMs },
    ...bakeSteps(input, 1, 'the switch'),
    { kind: 'retire', id: 'retire', keep: 0 },
  ];
}

/** The same without a bake: what was staged serves at once. */
export const immediate = (input: ContainerStepsInput): Step[] => blueGreen({ ...input, bakeMs: 0 });

/** Nothing serves yet, so there is nothing to compare with and nothing to keep. */
export function firstDeployment(input: ContainerStepsInput): Step[] {
  return blueGreen({ ...input, bakeMs: 0 }).filter((step) => step.kind !== 'retire');
}
