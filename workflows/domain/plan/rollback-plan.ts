import { movesOf } from '../strategies/containers/container-strategies.ts';
import type { ContainerPlan, ContainerStrategy, PlannedApplication, PresentRelease } from './container-plan.ts';
import { containerSteps, type ContainerStepsInput } from './container-steps.ts';
import { PLAN_SCHEMA_VERSION, type PlanBase } from './plan-base.ts';
import { KEPT_RELEASES } from './settle-release.ts';

/** A way back to a release that was stable once. */
export interface RollbackWish extends Pick<PlanBase, 'planId' | 'author' | 'createdAt' | 'environment'> {
  readonly reason: string;
  /** The release to go back to, and its application exactly as it was planned then. */
  readonly target: { readonly release: number; readonly application: PlannedApplication };
  readonly present: PresentRelease | null;
}

const READY_WITHIN_MS = 600_000;
const SWITCH_TIMEOUT_MS = 300_000;
const WATCH_EVERY_MS = 1_000;

/**
 * The plan of a way back: the earlier release beside the one in use, then all traffic at once. No gate, bake or approval keeps
 * it, and no criterion turns it round: only instances that do not become ready do.
 */
export function rollbackPlan({ reason, target, present, ...base }: RollbackWish): ContainerPlan {
  const { application, release } = target;
  const strategy: ContainerStrategy =
    present === null ? { kind: 'first' } : { kind: 'blue_green', switchTimeoutMs: SWITCH_TIMEOUT_MS };
  const input = stepsInput(application, present);
  return {
    ...base,
    schema: PLAN_SCHEMA_VERSION,
    kind: 'container-release',
    name: `${application.name} back to ${application.version} (release ${release}) in ${base.environment.name}`,
    description: reason,
    sourceEnvironment: null,
    application,
    strategy,
    present,
    rules: {
      whileRunning: 'queue',
      badStable: 'go-on',
      progressDeadlineMs: READY_WITHIN_MS,
      keptReleases: KEPT_RELEASES,
    },
    analysis: null,
    steps: containerSteps(input, movesOf(strategy, input)),
    watch: {
      everyMs: WATCH_EVERY_MS,
      criteria: { maxFailureRatePercent: null, minimumExecuted: 1, onHealthCheckFailure: false },
      healthChecks: [],
    },
    overrides: [{ rule: 'ROLLBACK_WITHOUT_APPROVAL', by: base.author, reason }],
  };
}

/** Nothing but what the move itself needs. */
const stepsInput = ({ replicas }: PlannedApplication, present: PresentRelease | null): ContainerStepsInput => ({
  pre: [],
  staged: [],
  post: [],
  before: [],
  after: [],
  approval: null,
  replicas,
  present: present?.replicas ?? 0,
  bakeMs: 0,
  isJudged: false,
  readyWithinMs: READY_WITHIN_MS,
  switchTimeoutMs: SWITCH_TIMEOUT_MS,
  downtimeMs: 0,
});
