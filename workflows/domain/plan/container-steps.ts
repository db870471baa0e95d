import type { ApprovalPolicy } from '../approvals/approval.ts';
import type { Hook } from './hook.ts';
import type { ApproveStep, BakeStep, GateStep, HookStep, Step } from './steps.ts';

/** All that the steps of a release follow from, settled. */
export interface ContainerStepsInput {
  readonly pre: readonly GateStep[];
  /** On the staged version, before it gets traffic. */
  readonly staged: readonly GateStep[];
  readonly post: readonly GateStep[];
  readonly before: readonly Hook[];
  readonly after: readonly Hook[];
  /** Null asks nobody. */
  readonly approval: ApprovalPolicy | null;
  readonly replicas: number;
  /** Instances that served when the plan was made; 0 at a first deployment. */
  readonly present: number;
  readonly bakeMs: number;
  /** True: the judge looks after each bake. */
  readonly isJudged: boolean;
  readonly readyWithinMs: number;
  readonly switchTimeoutMs: number;
  /** Of the hold of a recreate. */
  readonly downtimeMs: number;
}

/** `gate* → approve? → hook* → pull → (what the strategy does) → hook* → gate*`. */
export function containerSteps(input: ContainerStepsInput, moves: readonly Step[]): Step[] {
  const approve: ApproveStep[] =
    input.approval === null
      ? []
      : [{ kind: 'approve', id: 'approve', opens: 'the new version', policy: input.approval }];
  return [
    ...input.pre,
    ...approve,
    ...hookSteps('before', input.before),
    { kind: 'pull', id: 'pull' },
    ...moves,
    ...hookSteps('after', input.after),
    ...input.post,
  ];
}

const hookSteps = (phase: HookStep['phase'], hooks: readonly Hook[]): HookStep[] =>
  hooks.map((hook, index) => ({ kind: 'hook', id: `hook-${phase}-${index + 1}`, phase, hook }));

/** 1 to `count`. */
export const ordinals = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

/** A bake and, where the release is judged, the judge after it. Nothing to wait for is no step. */
export function bakeSteps(input: ContainerStepsInput, number: number, after: string): Step[] {
  if (input.bakeMs === 0) return [];
  const bake: BakeStep = { kind: 'bake', id: `bake-${number}`, wave: number, durationMs: input.bakeMs, after };
  const judge: GateStep = {
    kind: 'gate',
    id: `judge-${number}`,
    gate: 'canary_analysis',
    phase: 'post',
    required: true,
    check: { run: 'canary_analysis' },
  };
  return input.isJudged ? [bake, judge] : [bake];
}
