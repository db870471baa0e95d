// Plans of container releases for workflow tests, their steps made by the strategies themselves.
import type { PlanId } from '#domain/ids.ts';
import type { ContainerPlan, ContainerStrategy } from '#domain/plan/container-plan.ts';
import { containerSteps, type ContainerStepsInput } from '#domain/plan/container-steps.ts';
import type { Hook, HookAction } from '#domain/plan/hook.ts';
import { movesOf } from '#domain/strategies/containers/container-strategies.ts';
import { containerPlanOf } from '../containers/container-plan.ts';
import { HOUR_MS } from './plan-builder.ts';

const MINUTE_MS = 60_000;
const RELEASE_BAKE_MS = 10 * MINUTE_MS;

export const CANARY_RELEASE: ContainerStrategy = { kind: 'canary', weightsPercent: [10, 50, 100] };
const BLUE_GREEN: ContainerStrategy = { kind: 'blue_green', switchTimeoutMs: 5_000 };

const command = (name: string): HookAction => ({ kind: 'command', command: [name], timeoutMs: MINUTE_MS });

/** A hook with what undoes it, or without. */
export const hook = (name: string, compensation: 'undone' | 'nothing to undo' = 'undone'): Hook => ({
  name,
  action: command(name),
  compensation: compensation === 'undone' ? command(`undo-${name}`) : null,
});

export interface ReleasePlanParts {
  readonly strategy?: ContainerStrategy;
  /** What the steps follow from; 2 new instances for 2 old ones, a bake of 10 minutes. */
  readonly steps?: Partial<ContainerStepsInput>;
  readonly plan?: Partial<ContainerPlan>;
}

/** The release of `shop` 2.0.0 in the place of 1.0.0 as the planner makes it, with the parts a test cares about replaced. */
export function aReleasePlan({ strategy = BLUE_GREEN, steps = {}, plan = {} }: ReleasePlanParts = {}): ContainerPlan {
  const input: ContainerStepsInput = {
    ...{ pre: [], staged: [], post: [], before: [], after: [], approval: null },
    replicas: 2,
    present: strategy.kind === 'first' ? 0 : 2,
    bakeMs: RELEASE_BAKE_MS,
    isJudged: false,
    readyWithinMs: MINUTE_MS,
    switchTimeoutMs: 5_000,
    downtimeMs: MINUTE_MS,
    ...steps,
  };
  const { present, replicas } = input;
  const before = { release: 1, version: '1.0.0', digest: `sha256:${'b'.repeat(64)}`, replicas: present };
  const base = containerPlanOf({ replicas });
  return {
    ...base,
    planId: 'plan_test' as PlanId,
    name: 'Shop 2.0.0',
    author: 'lin',
    environment: { ...base.environment, rollbackTimeoutMs: HOUR_MS },
    watch: { ...base.watch, everyMs: 5 * MINUTE_MS },
    rules: { ...base.rules, progressDeadlineMs: 10 * MINUTE_MS },
    strategy,
    present: present === 0 ? null : before,
    steps: containerSteps(input, movesOf(strategy, input)),
    ...plan,
  };
}
