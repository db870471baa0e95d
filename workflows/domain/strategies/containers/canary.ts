import { ALL_TRAFFIC } from '../../containers/route.ts';
import { bakeSteps, ordinals, type ContainerStepsInput } from '../../plan/container-steps.ts';
import type { Step } from '../../plan/steps.ts';

/** The new version beside the old one, and traffic to it by weight, each weight watched before the next. */
export function canary(input: ContainerStepsInput, weightsPercent: readonly number[]): Step[] {
  const replicas = ordinals(input.replicas);
  return [
    { kind: 'stage', id: 'stage', replicas },
    { kind: 'verify', id: 'verify', replicas, join: 'beside', deadlineMs: input.readyWithinMs },
    ...input.staged,
    ...weightsPercent.flatMap((weight, index) => shiftAndBake(input, weight, index + 1)),
    { kind: 'retire', id: 'retire', keep: 0 },
  ];
}

function shiftAndBake(input: ContainerStepsInput, weightPercent: number, number: number): Step[] {
  const weightBasisPoints = Math.round((weightPercent * ALL_TRAFFIC) / 100);
  return [
    { kind: 'shift', id: `shift-${number}`, weightBasisPoints, timeoutMs: input.switchTimeoutMs },
    ...bakeSteps(input, number, `${weightPercent} % of the traffic`),
  ];
}
