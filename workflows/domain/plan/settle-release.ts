import type { Environment } from '../environments/environment.ts';
import type { Problem } from '../environments/problem.ts';
import { movesOf } from '../strategies/containers/container-strategies.ts';
import type { ContainerPlan, ContainerStrategy, PresentRelease, ReleaseRules } from './container-plan.ts';
import { containerSteps, type ContainerStepsInput } from './container-steps.ts';
import { environmentChecks, type RuleSources } from './plan-floor.ts';
import type { ReleaseConfig } from './release-file.schema.ts';
import { settleCriteria } from './rollback-criteria.ts';
import { settleJudge } from './settle-judge.ts';
import { settleHooks } from './settle-hooks.ts';
import { settleSafeguards } from './settle-safeguards.ts';
import { settleStrategy } from './settle-strategy.ts';
import type { GateStep } from './steps.ts';

/** Where the options of a release stand; its file wins over the environment, that over the configuration, that over defaults. */
export interface ReleaseSources extends RuleSources {
  readonly config: ReleaseConfig;
  readonly replicas: number;
  readonly present: PresentRelease | null;
}

export interface ReleaseOptions extends Pick<ContainerPlan, 'strategy' | 'steps' | 'watch' | 'rules' | 'analysis'> {
  readonly approverRole: string;
  /** What was accepted and has no effect, or another one than might be expected. */
  readonly notes: readonly string[];
}

export type SettledRelease =
  | { readonly kind: 'settled'; readonly options: ReleaseOptions }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

/** Gateway counters move with every request: what is watched of them is looked at each second. */
const WATCH_EVERY_MS = 1_000;
/** Stable releases of an application that can be gone back to. */
export const KEPT_RELEASES = 5;

const PROGRESS_DEADLINE_MS = 600_000;

/** Everything of a release that does not depend on its image. Pure; all problems at once. */
export function settleRelease(sources: ReleaseSources): SettledRelease {
  const { config, environment, present } = sources;
  const { strategy, bakeMs, ...settled } = settleStrategy(config, present);
  const health = settleHealth(sources);
  const asked = { ...sources, written: config, shape: releaseShape(strategy), healthChecks: health.checks };
  const { approvals, gates } = settleSafeguards(asked);
  const hooks = settleHooks(config.hooks, environment);
  const { analysis, ...judge } = settleJudge(sources, strategy);
  const problems = [
    ...settled.problems,
    ...health.problems,
    ...[...approvals.problems, ...gates.problems].map(below('config')),
    ...hooks.problems,
    ...judge.problems,
  ];
  if (problems.length > 0) return { kind: 'refused', problems };
  const input: ContainerStepsInput = {
    ...placed(gates),
    ...hooks,
    ...timesOf(config),
    approval: approvals.beforeWaves.includes(1) ? approvals.policy : null,
    replicas: sources.replicas,
    present: present?.replicas ?? 0,
    bakeMs,
    isJudged: analysis !== null,
  };
  const options: ReleaseOptions = {
    strategy,
    steps: containerSteps(input, movesOf(strategy, input)),
    watch: { everyMs: WATCH_EVERY_MS, criteria: criteriaOf(sources), healthChecks: health.checks },
    rules: rulesOf(config, environment),
    analysis,
    approverRole: approvals.policy.role,
    notes: [...settled.notes, ...gates.notes, ...judge.notes],
  };
  return { kind: 'settled', options };
}

const timesOf = (config: ReleaseConfig) => ({
  readyWithinMs: config.timeout,
  switchTimeoutMs: config.switch_timeout,
  downtimeMs: config.maximum_hold,
});

const rulesOf = (config: ReleaseConfig, environment: Environment): ReleaseRules => ({
  whileRunning: config.on_running,
  badStable: config.on_bad_stable === 'stop' ? 'stop' : 'go-on',
  progressDeadlineMs: config.progress_deadline ?? environment.progressDeadlineMs ?? PROGRESS_DEADLINE_MS,
  keptReleases: KEPT_RELEASES,
});

const criteriaOf = ({ config, configuration }: ReleaseSources) =>
  settleCriteria(configuration.rollback_criteria, config.rollback_criteria);

/** Problems of sections that stand below another one in a release's file. */
const below =
  (section: string) =>
  (problem: Problem): Problem => ({ ...problem, path: `${section}.${problem.path}` });

function settleHealth({ config, environment, configuration }: ReleaseSources) {
  const wanted = config.health_checks && { wanted: config.health_checks, path: 'config.health_checks' };
  return environmentChecks({ environment, configuration }, wanted ?? null);
}

/** What the rules on approvals ask of a rollout: a release is one wave, and `immediate` sends all of it out at once. */
export const releaseShape = ({ kind }: ContainerStrategy) => ({ atOnce: kind === 'immediate', waves: 1 });

/** Load needs instances: such a gate comes once they are staged. */
function placed({ pre, post }: { readonly pre: readonly GateStep[]; readonly post: readonly GateStep[] }) {
  const needsInstances = ({ check }: GateStep): boolean => check.run === 'load_test';
  return {
    pre: pre.filter((gate) => !needsInstances(gate)),
    staged: pre.filter(needsInstances),
    post,
  };
}
