import { bakeSteps, ordinals, type ContainerStepsInput } from '../../plan/container-steps.ts';
import type { Step } from '../../plan/steps.ts';

export interface RollingPace {
  /** Instances beyond the wanted number while it rolls. */
  readonly maxSurge: number;
  /** Instances that may be missing from the wanted number. */
  readonly maxUnavailable: number;
}

/**
 * One batch after the other, old and new serving together. With `n` new and `o` old instances of `w` wanted ones, a batch
 * starts min(w - n, w + surge - n - o) and then retires down to w - unavailable that serve. What is staged is tried with the
 * first new ones, before an old one goes for them. Surge and unavailable are not both 0.
 */
export function rolling(input: ContainerStepsInput, pace: RollingPace): Step[] {
  const { replicas: wanted, present } = input;
  const steps: Step[] = [];
  let [fresh, old] = [0, present];
  for (let batch = 1; fresh < wanted || old > 0; batch += 1) {
    const starts = Math.max(0, Math.min(wanted - fresh, wanted + pace.maxSurge - fresh - old));
    const retires = Math.max(0, Math.min(old, fresh + starts + old - (wanted - pace.maxUnavailable)));
    if (starts > 0) steps.push(...startBatch(input, ordinals(fresh + starts).slice(fresh), batch));
    if (starts > 0 && fresh === 0) steps.push(...input.staged);
    if (retires > 0) steps.push({ kind: 'retire', id: `retire-${batch}`, keep: old - retires });
    [fresh, old] = [fresh + starts, old - retires];
    if (starts > 0) steps.push(...bakeSteps(input, batch, `${fresh} of ${wanted} instances`));
  }
  return steps;
}

function startBatch({ readyWithinMs: deadlineMs }: ContainerStepsInput, replicas: number[], batch: number): Step[] {
  return [
    { kind: 'stage', id: `stage-${batch}`, replicas },
    { kind: 'verify', id: `verify-${batch}`, replicas, join: 'among', deadlineMs },
  ];
}
