import { ALL_TRAFFIC } from '../../containers/route.ts';
import { bakeSteps, ordinals, type ContainerStepsInput } from '../../plan/container-steps.ts';
import type { Step } from '../../plan/steps.ts';

/** The old version ends before the new one begins. Requests wait meanwhile, as many and as long as is allowed: its downtime. */
export function recreate(input: ContainerStepsInput): Step[] {
  const replicas = ordinals(input.replicas);
  const { downtimeMs: maximumMs } = input;
  return [
    { kind: 'hold', id: 'hold', action: 'begin', maximumMs },
    { kind: 'retire', id: 'retire', keep: 0 },
    { kind: 'stage', id: 'stage', replicas },
    { kind: 'verify', id: 'verify', replicas, join: 'beside', deadlineMs: input.readyWithinMs },
    { kind: 'shift', id: 'shift', weightBasisPoints: ALL_TRAFFIC, timeoutMs: input.switchTimeoutMs },
    { kind: 'hold', id: 'release', action: 'end', maximumMs },
    ...input.staged,
    ...bakeSteps(input, 1, 'the switch'),
  ];
}
