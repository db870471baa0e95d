import type { Environment } from '#domain/environments/environment.ts';
import { formatDuration } from '#domain/time.ts';
import { describeHours, describeWindow } from '#domain/windows/describe-window.ts';
import { SINGLE_WINDOW, type DeploymentWindow } from '#domain/windows/window.ts';
import type { AppliedConfiguration } from '../../engine/environments/apply-configuration.ts';
import type { HoldsInForce } from '../../engine/holds/holds-in-force.ts';
import { columns } from './columns.ts';
import { holdLines } from './holds.ts';
import { forPeople } from './printable.ts';
import type { Look } from './run.ts';
import { renderTable } from './table.ts';

function groupsOf({ target, engines, deviceGroups }: Environment): string {
  if (target === 'docker') return engines.map(engineText).join(', ');
  return deviceGroups.length === 0 ? 'every device' : deviceGroups.join(', ');
}

/** Without a host it is the engine of whichever machine plans. */
const engineText = ({ name, host }: Environment['engines'][number]): string =>
  `engine ${name}${host === undefined ? '' : ` (${host})`}`;

const windowOf = ({ windows }: Environment): string =>
  windows.length === 0 ? 'always open' : windows.map(windowText).join('; ');

const windowText = (window: DeploymentWindow): string =>
  window.name === SINGLE_WINDOW ? describeHours(window) : describeWindow(window);

export const renderEnvironments = forPeople((environments: readonly Environment[], { listWidth }: Look): string => {
  if (environments.length === 0) return 'no environment yet · sluice env apply -f FILE';
  return renderTable(
    [
      { head: 'NAME', cell: ({ name }) => name },
      { head: 'STAGE', cell: ({ stage }) => stage },
      { head: 'GOES TO', cell: groupsOf, cutTo: 12 },
      { head: 'NEEDS', cell: ({ approvalRequired }) => (approvalRequired ? 'approval' : 'no approval') },
      { head: 'WINDOW', cell: windowOf, cutTo: 12 },
    ],
    environments,
    listWidth,
  );
});

export const renderEnvironment = forPeople((one: Environment, holds: HoldsInForce, look: Look): string => {
  const title = one.title === one.name ? one.name : `${one.name} · ${one.title}`;
  const facts: [string, string][] = [
    ['stage', one.stage],
    ['about', one.description],
    [one.target === 'docker' ? 'engines' : 'devices', groupsOf(one)],
    ['images', one.imageRequires.length === 0 ? '' : `need a ${one.imageRequires.join(' and a ')} beside them`],
    ['takes', one.promoteFrom === null ? '' : `only what passed in ${one.promoteFrom}`],
    ['approval', one.approvalRequired ? approvalOf(one) : 'not required'],
    ['window', windowOf(one)],
    ['policy', one.policyRules.map(({ name, when }) => `${name}: ${oneLine(when)}`).join('; ')],
    ['breach', one.autoRollback ? 'rolls back by itself' : 'pauses the run and asks'],
    [
      'progress',
      one.progressDeadlineMs === null ? '' : `stopped when nothing moves for ${formatDuration(one.progressDeadlineMs)}`,
    ],
    ['rollback', `within ${formatDuration(one.rollbackTimeoutMs)}`],
    ['health', one.healthChecks === null ? 'every health check that applies' : one.healthChecks.join(', ') || 'none'],
    ['address', one.healthCheckUrl ?? ''],
  ];
  const shown = facts.filter(([, value]) => value !== '').map(([label, value]) => [`  ${label}`, value]);
  return [title, columns(shown), ...holdLines(one.name, holds, look)].join('\n');
});

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

function approvalOf({ approvals }: Environment): string {
  if (approvals === null) return 'required, as the configuration says';
  const { quorum = 1, role = 'approver', before_waves: waves = [] } = approvals;
  return `${quorum} of role ${role}${waves.length === 0 ? '' : `, again before waves ${waves.join(', ')}`}`;
}

/** What `env apply` did, line by line. */
export const renderApplied = forPeople((applied: AppliedConfiguration): string => {
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
});
