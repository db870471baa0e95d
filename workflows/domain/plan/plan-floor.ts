import type { ApprovalPolicy } from '../approvals/approval.ts';
import type { Configuration } from '../environments/configuration.schema.ts';
import type { Environment } from '../environments/environment.ts';
import { settleHealthChecks, type SettledChecks, type WantedChecks } from '../environments/health-checks.ts';
import { policyFloor, requiredWaves } from './approval-rules.ts';
import { requiredGates } from './gate-floor.ts';
import type { GateStep } from './steps.ts';

/** Whose rules hold for a plan. */
export interface RuleSources {
  readonly environment: Environment;
  readonly configuration: Configuration;
}

/** The least that environment and configuration ask of every plan. */
export interface PlanFloor {
  readonly policy: ApprovalPolicy;
  /** Waves (1-based) that wait for an approval. */
  readonly approvedWaves: readonly number[];
  readonly gates: readonly GateStep[];
}

interface Shape {
  readonly atOnce: boolean;
  readonly waves: number;
}

export function floorOf({ environment, configuration }: RuleSources, { atOnce, waves }: Shape): PlanFloor {
  const approvals = {
    environment: environment.approvals,
    configuration: configuration.approvals ?? null,
    required: environment.approvalRequired,
    atOnce,
    waves,
  };
  const policy = policyFloor(approvals);
  const rules = {
    defined: configuration.gates ?? {},
    environment,
    healthChecks: environmentChecks({ environment, configuration }, null).checks,
    policyFor: () => policy,
  };
  return {
    policy,
    approvedWaves: requiredWaves(approvals),
    gates: requiredGates(rules, configuration.quality_gates ?? {}),
  };
}

const HEALTH_CHECK_TIMEOUT_MS = 300_000;

/** The health checks of the environment, unless a plan wants others. */
export function environmentChecks(
  { environment, configuration }: RuleSources,
  asked: Partial<Pick<WantedChecks, 'wanted' | 'path' | 'askedTimeoutMs'>> | null,
): SettledChecks {
  return settleHealthChecks({
    wanted: environment.healthChecks,
    path: `environments.${environment.name}.health_checks`,
    defined: configuration.health_checks ?? {},
    environment,
    askedTimeoutMs: null,
    defaultTimeoutMs: configuration.performance?.health_check_timeout ?? HEALTH_CHECK_TIMEOUT_MS,
    ...asked,
  });
}
