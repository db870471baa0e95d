import type { SettledChecks } from '../environments/health-checks.ts';
import type { RollbackCriteriaSpec } from '../environments/policy.schema.ts';
import type { Problem } from '../environments/problem.ts';
import type { StrategyWaves } from '../strategies/strategy-input.ts';
import { settleApprovals } from './approval-rules.ts';
import { takesAllAtOnce } from './at-once.ts';
import { fleetSteps } from './fleet-steps.ts';
import { settleGates } from './gates.ts';
import type { HealthCheck } from './health-check.ts';
import type { Confirmation, DeviceSelection, RollbackCriteria, WatchPlan } from './plan.ts';
import { environmentChecks, floorOf, type RuleSources } from './plan-floor.ts';
import type { PlanFile } from './plan-file.schema.ts';
import { settleWaves } from './settle-waves.ts';
import type { Step } from './steps.ts';

/** Where the options of a rollout stand; the plan file wins over the environment, that over the configuration, that over defaults. */
export interface OptionSources extends RuleSources {
  readonly file: PlanFile;
  /** The devices of each wave, once they are counted. */
  readonly counted?: DeviceSelection;
}

export interface RolloutOptions extends StrategyWaves {
  readonly steps: readonly Step[];
  readonly watch: WatchPlan;
  readonly confirmation: Confirmation;
  readonly approverRole: string;
  /** What was accepted and has no effect, or another one than might be expected. */
  readonly notes: readonly string[];
}

export type SettledOptions =
  | { readonly kind: 'settled'; readonly options: RolloutOptions }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

const WATCH_EVERY_MS = 5_000;
const DEPLOYMENT_TIMEOUT_MS = 3_600_000;
const LONGEST_IN_PROGRESS_MS = 3_600_000;

/** Everything of a rollout that does not depend on artifacts. Pure; all problems at once. */
export function settleOptions(sources: OptionSources): SettledOptions {
  const { file } = sources;
  const { problems: waveProblems, notes: waveNotes, strategy, waves } = settleWaves(file);
  const health = settleHealth(sources);
  const atOnce = takesAllAtOnce({ strategy, waves }, sources.counted ?? null);
  const { approvals, gates } = settleSafeguards(sources, { atOnce, waves: waves.length }, health.checks);
  const problems = [...waveProblems, ...health.problems, ...approvals.problems, ...gates.problems];
  if (problems.length > 0) return { kind: 'refused', problems };
  const steps = fleetSteps({ ...gates, waves, ...approvals, ...pace(sources) });
  const criteria = settleCriteria(sources);
  const watch = { everyMs: WATCH_EVERY_MS, criteria, healthChecks: health.checks };
  const notes = [...waveNotes, ...health.notes, ...gates.notes, ...criteriaNotes(criteria)];
  const confirmation = settleConfirmation(sources);
  const approverRole = approvals.policy.role;
  return { kind: 'settled', options: { strategy, waves, steps, watch, confirmation, approverRole, notes } };
}

/** Who must agree and what must pass: as the plan file says, never less than environment and configuration ask for. */
function settleSafeguards(
  { file, environment, configuration }: OptionSources,
  shape: { readonly atOnce: boolean; readonly waves: number },
  healthChecks: readonly HealthCheck[],
) {
  const floor = floorOf({ environment, configuration }, shape);
  const approvals = settleApprovals({
    plan: file.approvals ?? null,
    environment: environment.approvals,
    configuration: configuration.approvals ?? null,
    required: environment.approvalRequired,
    ...shape,
  });
  const gates = settleGates({
    plan: { listed: file.quality_gates ?? {}, defined: file.gates ?? {}, policy: approvals.policy },
    configuration: {
      listed: configuration.quality_gates ?? {},
      defined: configuration.gates ?? {},
      policy: floor.policy,
    },
    floor: floor.gates,
    environment,
    healthChecks,
  });
  return { approvals, gates };
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

function settleHealth({ file, ...rules }: OptionSources): SettledChecks {
  const askedTimeoutMs = file.timeouts?.health_check ?? null;
  const wanted = file.health_checks && { wanted: file.health_checks, path: 'health_checks' };
  return environmentChecks(rules, { askedTimeoutMs, ...wanted });
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
