import type { EngineSpec } from '../containers/application.schema.ts';
import type { EnvironmentSpec, Target } from './environment.schema.ts';
import type { RemindingApprovalsSpec } from './policy.schema.ts';
import type { PolicyRule } from '../policy/policy-rule.ts';
import { stageFromKey, type Stage } from './stage.ts';
import type { DeploymentWindow } from '../windows/window.ts';
import { settleWindows } from '../windows/settle-windows.ts';

/** A named place to deploy to, with its policy, as stored and with defaults filled in. */
export interface Environment {
  /** The key under which commands and plans name it. */
  readonly name: string;
  /** What people read. */
  readonly title: string;
  readonly target: Target;
  /** Of target docker, at least one; settled with the way to each when they are needed (engines.ts). */
  readonly engines: readonly EngineSpec[];
  /** What has to stand beside an image. */
  readonly imageRequires: readonly ('signature' | 'sbom')[];
  readonly stage: Stage;
  readonly description: string;
  readonly apiEndpoints: Readonly<Record<string, string>>;
  /** Empty means every device of the registry. */
  readonly deviceGroups: readonly string[];
  readonly approvalRequired: boolean;
  readonly autoRollback: boolean;
  readonly healthCheckUrl: string | null;
  readonly notificationChannels: readonly string[];
  /** None: always open. */
  readonly windows: readonly DeploymentWindow[];
  readonly maxConcurrentDeployments: number | null;
  readonly rollbackTimeoutMs: number;
  /** Null: containers have a default, devices none. */
  readonly progressDeadlineMs: number | null;
  readonly approvals: RemindingApprovalsSpec | null;
  /** Names of health checks; null means all that apply. */
  readonly healthChecks: readonly string[] | null;
  /** What must hold before each step of the way forward. */
  readonly policyRules: readonly PolicyRule[];
  /** Whose clock they see. */
  readonly policyTimezone: string;
  /** Where a version must have completed a run before; null: nowhere. */
  readonly promoteFrom: string | null;
  /** How promoted versions go out, as it was written. */
  readonly promoteWith: Readonly<Record<string, unknown>>;
}

const LOCAL_ENGINE: EngineSpec = { name: 'local' };

const isDocker = ({ target, type }: EnvironmentSpec): boolean => (target ?? type) === 'docker';

/** The one zone of its windows. */
function zoneOf(windows: readonly DeploymentWindow[]): string {
  const [zone, ...others] = new Set(windows.map(({ timezone }) => timezone));
  return zone !== undefined && others.length === 0 ? zone : 'UTC';
}

/** The environment `name` from its checked section. */
export function environmentOf(name: string, spec: EnvironmentSpec): Environment {
  return {
    name,
    title: spec.name ?? name,
    target: spec.target ?? spec.type ?? 'fleet',
    engines: spec.engines ?? (isDocker(spec) ? [LOCAL_ENGINE] : []),
    imageRequires: spec.image_requires ?? [],
    stage: spec.stage ?? stageFromKey(name),
    description: spec.description,
    apiEndpoints: spec.api_endpoints,
    deviceGroups: spec.device_groups,
    approvalRequired: spec.approval_required,
    autoRollback: spec.auto_rollback,
    healthCheckUrl: spec.health_check_url ?? null,
    notificationChannels: spec.notification_channels,
    windows: settleWindows(spec.deployment_window, spec.deployment_windows),
    maxConcurrentDeployments: spec.max_concurrent_deployments ?? null,
    rollbackTimeoutMs: spec.rollback_timeout,
    progressDeadlineMs: spec.progress_deadline ?? null,
    approvals: spec.approvals ?? null,
    healthChecks: spec.health_checks ?? null,
    policyRules: (spec.policy_rules ?? []).map(({ steps = null, ...rule }) => ({ ...rule, steps })),
    policyTimezone: spec.policy_timezone ?? zoneOf(settleWindows(spec.deployment_window, spec.deployment_windows)),
    promoteFrom: spec.promote_from ?? null,
    promoteWith: spec.promote_with ?? {},
  };
}
