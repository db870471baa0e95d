import type { Configuration } from '../environments/configuration.schema.ts';
import type { Environment } from '../environments/environment.ts';
import { settleHealthChecks, type SettledChecks } from '../environments/health-checks.ts';
import type { RollbackCriteriaSpec } from '../environments/policy.schema.ts';
import type { Problem } from '../environments/problem.ts';
import type { StrategyWaves } from '../strategies/strategy-input.ts';
import { settleApprovals } from './approval-rules.ts';
import { fleetSteps } from './fleet-steps.ts';
import { settleGates } from './gates.ts';
import type { Confirmation, RollbackCriteria, WatchPlan } from './plan.ts';
import type { PlanFile } from './plan-file.schema.ts';
import { settleWaves } from './settle-waves.ts';
import type { Step } from './steps.ts';

/** Where the options of a rollout stand; the plan file wins over the environment, that over the configuration, that over defaults. */
export interface OptionSources {
  readonly file: PlanFile;
  readonly environment: Environment;
  readonly configuration: Configuration;
}

export interface RolloutOptions extends StrategyWaves {
  readonly steps: readonly Step[];
  readonly watch: WatchPlan;
  readonly confirmation: Confirmation;
  /** What was accepted and has no effect, or another one than might be expected. */
  readonly notes: readonly string[];
}

export type SettledOptions =
  | { readonly kind: 'settled'; readonly options: RolloutOptions }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

const WATCH_EVERY_MS = 5_000;
const DEPLOYMENT_TIMEOUT_MS = 3_600_000;
const HEALTH_CHECK_TIMEOUT_MS = 300_000;
const LONGEST_IN_PROGRESS_MS = 3_600_000;

/** Everything of a rollout that does not depend on devices or artifacts. Pure; all problems at once. */
export function settleOptions(sources: OptionSources): SettledOptions {
  const { file } = sources;
  const { problems: waveProblems, notes: waveNotes, strategy, waves } = settleWaves(file);
  const health = settleHealth(sources);
  const approvals = settleApprovals({
    plan: file.approvals ?? null,
    environment: sources.environment.approvals,
    configuration: sources.configuration.approvals ?? null,
    required: sources.environment.approvalRequired,
    immediate: strategy.kind === 'immediate',
    waves: waves.length,
  });
  const gates = settleGates({
    listed: { ...sources.configuration.quality_gates, ...file.quality_gates },
    defined: { ...sources.configuration.gates, ...file.gates },
    environment: sources.environment,
    healthChecks: health.checks,
    policy: approvals.policy,
  });
  const problems = [
    ...waveProblems,
    ...health.problems,
    ...approvals.problems,
    ...gates.problems,
    ...unlistedGates(sources),
  ];
  if (problems.length > 0) return { kind: 'refused', problems };
  const steps = fleetSteps({ ...gates, waves, ...approvals, ...pace(sources) });
  const criteria = settleCriteria(sources);
  const watch = { everyMs: WATCH_EVERY_MS, criteria, healthChecks: health.checks };
  const notes = [...waveNotes, ...health.notes, ...criteriaNotes(criteria)];
  return {
    kind: 'settled',
    options: { strategy, waves, steps, watch, confirmation: settleConfirmation(sources), notes },
  };
}

const deploymentTimeoutMs = ({ file, configuration }: OptionSources): number =>
  file.timeouts?.deployment ?? configuration.performance?.deployment_timeout ?? DEPLOYMENT_TIMEOUT_MS;

function pace(sources: OptionSources) {
  const { file } = sources;
  return {
    bakeMs: file.bake,
    deadlineMs: deploymentTimeoutMs(sources),
    successThresholdPercent: file.success_threshold,
    maximumPerMinute: file.rate?.maximum_per_minute ?? null,
  };
}

function settleConfirmation(sources: OptionSources): Confirmation {
  const { file } = sources;
  return {
    mode: file.confirm,
    confirmWithinMs: file.confirm_within,
    inProgressTimeoutMs: file.timeouts?.in_progress ?? Math.min(deploymentTimeoutMs(sources), LONGEST_IN_PROGRESS_MS),
  };
}

function settleHealth({ file, environment, configuration }: OptionSources): SettledChecks {
  const asked = file.timeouts?.health_check;
  return settleHealthChecks({
    wanted: file.health_checks ?? environment.healthChecks,
    path: file.health_checks ? 'health_checks' : `environments.${environment.name}.health_checks`,
    defined: configuration.health_checks ?? {},
    environment,
    askedTimeoutMs: asked ?? null,
    defaultTimeoutMs: configuration.performance?.health_check_timeout ?? HEALTH_CHECK_TIMEOUT_MS,
  });
}

function settleCriteria({ file, configuration }: OptionSources): RollbackCriteria {
  const given: RollbackCriteriaSpec = { ...configuration.rollback_criteria, ...file.rollback_criteria };
  const { performance_degradation: performance, user_reported_issues: issues } = given;
  return {
    maxFailureRatePercent: given.max_failure_rate === undefined ? 10 : given.max_failure_rate,
    minimumExecuted: given.minimum_executed ?? 10,
    onHealthCheckFailure: given.health_check_failure ?? true,
    ...(performance !== undefined && { performanceDegradationPercent: performance }),
    ...(issues !== undefined && { userReportedIssues: issues }),
  };
}

function criteriaNotes(criteria: RollbackCriteria): string[] {
  return [
    ...(criteria.performanceDegradationPercent === undefined
      ? []
      : ['rollback_criteria.performance_degradation is not used yet']),
    ...(criteria.userReportedIssues === undefined ? [] : ['rollback_criteria.user_reported_issues is not used yet']),
  ];
}

/** A gate that the plan defines and nothing lists would silently never run. */
function unlistedGates({ file, configuration }: OptionSources): Problem[] {
  const lists = { ...configuration.quality_gates, ...file.quality_gates };
  const listed = [...(lists.pre_deployment ?? []), ...(lists.post_deployment ?? [])];
  const names = new Set(listed.map((gate) => (typeof gate === 'string' ? gate : gate.name)));
  const lost = Object.keys(file.gates ?? {}).filter((name) => !names.has(name));
  return lost.map((name) => ({
    path: `gates.${name}`,
    expected: 'a gate that quality_gates lists',
    got: 'one that would never run',
    fix: `Add ${name} to quality_gates.pre_deployment or quality_gates.post_deployment.`,
  }));
}
