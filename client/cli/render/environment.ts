import type { Environment } from '#domain/environments/environment.ts';
import { describeWindow } from '#domain/environments/window.ts';
import { formatDuration } from '#domain/time.ts';
import type { AppliedConfiguration } from '../../engine/environments/apply-configuration.ts';
import { columns } from './columns.ts';

const groupsOf = ({ deviceGroups }: Environment): string =>
  deviceGroups.length === 0 ? 'every device' : deviceGroups.join(', ');

const windowOf = ({ window }: Environment): string => (window === null ? 'always open' : describeWindow(window));

export function renderEnvironments(environments: readonly Environment[]): string {
  if (environments.length === 0) return 'no environment yet · sluice env apply -f FILE';
  const rows = environments.map((one) => [
    one.name,
    one.stage,
    groupsOf(one),
    one.approvalRequired ? 'approval' : 'no approval',
    windowOf(one),
  ]);
  return columns([['NAME', 'STAGE', 'DEVICES', 'NEEDS', 'WINDOW'], ...rows]);
}

export function renderEnvironment(one: Environment): string {
  const title = one.title === one.name ? one.name : `${one.name} · ${one.title}`;
  const facts: [string, string][] = [
    ['stage', one.stage],
    ['about', one.description],
    ['devices', groupsOf(one)],
    ['approval', one.approvalRequired ? approvalOf(one) : 'not required'],
    ['window', windowOf(one)],
    ['breach', one.autoRollback ? 'rolls back by itself' : 'pauses the run and asks'],
    ['rollback', `within ${formatDuration(one.rollbackTimeoutMs)}`],
    ['health', one.healthChecks === null ? 'every health check that applies' : one.healthChecks.join(', ') || 'none'],
    ['address', one.healthCheckUrl ?? ''],
  ];
  const shown = facts.filter(([, value]) => value !== '').map(([label, value]) => [`  ${label}`, value]);
  return `${title}\n${columns(shown)}`;
}

function approvalOf({ approvals }: Environment): string {
  if (approvals === null) return 'required, as the configuration says';
  const { quorum = 1, role = 'approver', before_waves: waves = [] } = approvals;
  return `${quorum} of role ${role}${waves.length === 0 ? '' : `, again before waves ${waves.join(', ')}`}`;
}

/** What `env apply` did, line by line. */
export function renderApplied(applied: AppliedConfiguration): string {
  const { created, updated, unchanged } = applied.environments;
  const lines: [string, readonly string[]][] = [
    ['created', created],
    ['updated', updated],
    ['unchanged', unchanged],
    ['sections', applied.sections],
    ['not used yet', applied.notUsedYet],
  ];
  return [
    '✓ configuration applied',
    ...lines
      .filter(([, names]) => names.length > 0)
      .map(([label, names]) => `  ${label.padEnd(12)}  ${names.join(', ')}`),
    ...applied.secrets.map(({ path, secretRef }) => `  secret        ${path} is now kept as ${secretRef}`),
    ...applied.notes.map((note) => `  note          ${note}`),
  ].join('\n');
}
