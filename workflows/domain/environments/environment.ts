import type { EnvironmentSpec } from './environment.schema.ts';
import type { ApprovalsSpec } from './policy.schema.ts';
import { stageFromKey, type Stage } from './stage.ts';
import type { DeploymentWindow } from './window.ts';

/** A named place to deploy to, with its policy, as stored and with defaults filled in. */
export interface Environment {
  /** The key under which commands and plans name it. */
  readonly name: string;
  /** What people read. */
  readonly title: string;
  readonly stage: Stage;
  readonly description: string;
  readonly apiEndpoints: Readonly<Record<string, string>>;
  /** Empty means every device of the registry. */
  readonly deviceGroups: readonly string[];
  readonly approvalRequired: boolean;
  readonly autoRollback: boolean;
  readonly healthCheckUrl: string | null;
  readonly notificationChannels: readonly string[];
  /** Null: always open. */
  readonly window: DeploymentWindow | null;
  readonly maxConcurrentDeployments: number | null;
  readonly rollbackTimeoutMs: number;
  readonly approvals: ApprovalsSpec | null;
  /** Names of health checks; null means all that apply. */
  readonly healthChecks: readonly string[] | null;
}

/** The environment `name` from its checked section. */
export function environmentOf(name: string, spec: EnvironmentSpec): Environment {
  const window = spec.deployment_window;
  return {
    name,
    title: spec.name ?? name,
    stage: spec.stage ?? stageFromKey(name),
    description: spec.description,
    apiEndpoints: spec.api_endpoints,
    deviceGroups: spec.device_groups,
    approvalRequired: spec.approval_required,
    autoRollback: spec.auto_rollback,
    healthCheckUrl: spec.health_check_url ?? null,
    notificationChannels: spec.notification_channels,
    window: window ? { startTime: window.start_time, endTime: window.end_time, timezone: window.timezone } : null,
    maxConcurrentDeployments: spec.max_concurrent_deployments ?? null,
    rollbackTimeoutMs: spec.rollback_timeout,
    approvals: spec.approvals ?? null,
    healthChecks: spec.health_checks ?? null,
  };
}
