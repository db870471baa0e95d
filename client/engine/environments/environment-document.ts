import type { Environment } from '#domain/environments/environment.ts';
import type { ApprovalsSpec, PolicySpec, RemindingApprovalsSpec } from '#domain/environments/policy.schema.ts';
import type { AppliedConfiguration } from './apply-configuration.ts';
import { windowsDocument } from './window-document.ts';

/** An environment for programs, with the names and units of the configuration file; `name` is what every command takes. */
export function environmentDocument(environment: Environment): Record<string, unknown> {
  return {
    name: environment.name,
    title: environment.title,
    key: environment.name,
    target: environment.target,
    ...(environment.target === 'docker' && {
      engines: environment.engines.map(({ name, host, reach }) => ({ name, host: host ?? null, reach: reach ?? null })),
      image_requires: environment.imageRequires,
    }),
    stage: environment.stage,
    description: environment.description,
    api_endpoints: environment.apiEndpoints,
    device_groups: environment.deviceGroups,
    approval_required: environment.approvalRequired,
    auto_rollback: environment.autoRollback,
    health_check_url: environment.healthCheckUrl,
    notification_channels: environment.notificationChannels,
    ...windowsDocument(environment.windows),
    max_concurrent_deployments: environment.maxConcurrentDeployments,
    rollback_timeout: environment.rollbackTimeoutMs / 1000,
    progress_deadline: environment.progressDeadlineMs === null ? null : environment.progressDeadlineMs / 1000,
    approvals: environment.approvals && {
      ...approvalsDocument(environment.approvals),
      ...reminderDocument(environment.approvals),
    },
    health_checks: environment.healthChecks,
    policy_rules: environment.policyRules,
    policy_timezone: environment.policyTimezone,
    promote_from: environment.promoteFrom,
    promote_with: environment.promoteWith,
  };
}

export function appliedDocument(applied: AppliedConfiguration): Record<string, unknown> {
  return {
    sections: applied.sections,
    environments: applied.environments,
    not_used_yet: applied.notUsedYet,
    secrets: applied.secrets.map(({ path, secretRef }) => ({ path, secret_ref: secretRef })),
    notes: applied.notes,
  };
}

function approvalsDocument({
  quorum,
  role,
  expires_in,
  before_waves,
  immediate,
}: ApprovalsSpec): Record<string, unknown> {
  return {
    ...policyDocument({ quorum, role, expires_in }),
    ...(before_waves && { before_waves }),
    ...(immediate && { immediate: policyDocument(immediate) }),
  };
}

function reminderDocument({ remind_after: afterMs }: RemindingApprovalsSpec): Record<string, unknown> {
  return afterMs === undefined ? {} : { remind_after: afterMs === null ? null : afterMs / 1000 };
}

/** Durations in seconds, as in the file. */
function policyDocument({ quorum, role, expires_in: expiresInMs }: PolicySpec): Record<string, unknown> {
  return {
    ...(quorum !== undefined && { quorum }),
    ...(role !== undefined && { role }),
    ...(expiresInMs !== undefined && { expires_in: expiresInMs === null ? null : expiresInMs / 1000 }),
  };
}
