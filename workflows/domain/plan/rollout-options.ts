import type { SettledChecks } from '../environments/health-checks.ts';
import type { Problem } from '../environments/problem.ts';
import type { StrategyWaves } from '../strategies/strategy-input.ts';
import { takesAllAtOnce } from './at-once.ts';
import { fleetSteps } from './fleet-steps.ts';
import type { Confirmation, DeviceSelection, FleetStrategy } from './plan.ts';
import type { RollbackCriteria, WatchPlan } from './plan-base.ts';
import { environmentChecks, type RuleSources } from './plan-floor.ts';
import type { PlanFile } from './plan-file.schema.ts';
import { settleCriteria } from './rollback-criteria.ts';
import { settleSafeguards } from './settle-safeguards.ts';
import { settleWaves } from './settle-waves.ts';
import { stagedGates } from './staged-gates.ts';
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
  const { approvals, gates } = settleSafeguards({
    ...sources,
    written: file,
    shape: { atOnce, waves: waves.length },
    healthChecks: health.checks,
  });
  const problems = [...waveProblems, ...health.problems, ...approvals.problems, ...gates.problems];
  if (problems.length > 0) return { kind: 'refused', problems };
  const staged = stagedGates(health.checks);
  const steps = fleetSteps({ ...gates, staged, waves, ...approvals, ...pace(sources, strategy) });
  const criteria = settleCriteria(sources.configuration.rollback_criteria, sources.file.rollback_criteria);
  const watch = { everyMs: WATCH_EVERY_MS, criteria, healthChecks: health.checks };
  const notes = [...waveNotes, ...gates.notes, ...criteriaNotes(criteria), ...progressNotes(steps)];
  const confirmation = settleConfirmation(sources);
  const approverRole = approvals.policy.role;
  return { kind: 'settled', options: { strategy, waves, steps, watch, confirmation, approverRole, notes } };
}

const deploymentTimeoutMs = ({ file, configuration }: OptionSources): number =>
  file.timeouts?.deployment ?? configuration.performance?.deployment_timeout ?? DEPLOYMENT_TIMEOUT_MS;

/** None unless somebody asks for one: a wave ends by its own deadline, and devices may be away for days. */
const progressDeadlineMs = ({ file, environment }: OptionSources): number | null =>
  file.progress_deadline === undefined ? environment.progressDeadlineMs : file.progress_deadline;

function pace(sources: OptionSources, strategy: FleetStrategy) {
  const { file } = sources;
  const deadlineMs = deploymentTimeoutMs(sources);
  return {
    bakeMs: file.bake,
    deadlineMs,
    switchTimeoutMs: strategy.kind === 'blue_green' ? strategy.switchTimeoutMs : deadlineMs,
    progressDeadlineMs: progressDeadlineMs(sources),
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

function criteriaNotes(criteria: RollbackCriteria): string[] {
  return [
    ...(criteria.performanceDegradationPercent === undefined
      ? []
      : ['rollback_criteria.performance_degradation is not used yet']),
    ...(criteria.userReportedIssues === undefined ? [] : ['rollback_criteria.user_reported_issues is not used yet']),
  ];
}

/** Of a wave that ends earlier by its own time. */
function progressNotes(steps: readonly Step[]): string[] {
  const idle = steps.filter(
    (step) =>
      step.kind === 'offer' && (step.progressDeadlineMs ?? 0) >= step.deadlineMs && step.operation !== 'activate',
  );
  return idle.length === 0
    ? []
    : ['progress_deadline has no effect: it is not shorter than the time of a wave (timeouts.deployment)'];
}
