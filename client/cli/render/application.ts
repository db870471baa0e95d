import type { KeptRelease } from '../../../activities/adapters/postgres/releases-of-applications.ts';
import { counted } from '#domain/counted.ts';
import type { InstanceLog, ObservedInstance } from '#domain/ports/container-operations.port.ts';
import { addressOf, currentAndPrevious } from '../../engine/applications/application-document.ts';
import type { LogLine } from '../../engine/applications/application-logs.ts';
import type { AppliedApplications } from '../../engine/applications/apply-applications.ts';
import type {
  DeployedApplication,
  ListedApplication,
  ShownApplication,
} from '../../engine/applications/show-application.ts';
import { describePromotion } from '../../engine/promotions/promotion-document.ts';
import { tellRoughly, tellTime, type Clock } from '../../engine/runs/clock.ts';
import type { HoldsInForce } from '../../engine/holds/holds-in-force.ts';
import { columns } from './columns.ts';
import { holdLines } from './holds.ts';
import { forPeople } from './printable.ts';
import { shortDigest } from './release-sections.ts';
import type { Look } from './run.ts';
import { renderTable } from './table.ts';

/** What `app apply` did, line by line. */
export const renderAppliedApplications = forPeople((applied: AppliedApplications): string => {
  const lines: [string, readonly string[]][] = [
    ['created', applied.created],
    ['updated', applied.updated],
    ['unchanged', applied.unchanged],
  ];
  return [
    '✓ applications applied',
    ...lines
      .filter(([, names]) => names.length > 0)
      .map(([label, names]) => `  ${label.padEnd(9)}  ${names.join(', ')}`),
    ...applied.secrets.map(({ path, secretRef }) => `  secret     ${path} is now kept as ${secretRef}`),
  ].join('\n');
});

export const renderApplications = forPeople(
  (applications: readonly ListedApplication[], { listWidth }: Look): string => {
    if (applications.length === 0) return 'no application yet   ·   sluice app apply -f FILE';
    return renderTable(
      [
        { head: 'NAME', cell: ({ name }) => name },
        { head: 'IN USE', cell: inUse, cutTo: 12 },
        { head: 'REPLICAS', cell: ({ spec }) => String(spec.replicas) },
        { head: 'IMAGE', cell: ({ spec }) => spec.image, cutTo: 12 },
        { head: 'AFTER', cell: ({ spec }) => spec.depends_on.join(', '), cutTo: 6 },
      ],
      applications,
      listWidth,
    );
  },
);

const inUse = ({ stable }: ListedApplication): string =>
  stable.map(({ environment, version }) => `${environment} ${version}`).join(', ') || 'nowhere';

/** An application with what is in use of it, what runs, and what can be gone back to. */
export const renderApplication = forPeople(({ name, spec, deployed }: ShownApplication, look: Look): string => {
  if (deployed === null) {
    const facts = [`${spec.image}, port ${spec.port}, ${counted(spec.replicas, 'instance')}`, 'deployed nowhere yet'];
    return [name, ...facts.map((fact) => `  ${fact}`), '  next  sluice plan create --config FILE'].join('\n');
  }
  const { kept, place } = deployed;
  const [current, previous] = currentAndPrevious(kept);
  const facts = [
    ['  clients', addressOf(deployed)],
    ['  current', current === null ? 'no release is in use' : releaseText(current, look.clock)],
    ...(previous === null ? [] : [['  previous', releaseText(previous, look.clock)]]),
  ];
  return [
    `${name} · ${place.environment}`,
    columns(facts),
    ...holdLines(place.environment, inForce(deployed), look),
    '',
    renderInstances(deployed, look),
    ...wayBack(deployed),
  ].join('\n');
});

const inForce = ({ holds: { freeze, pin } }: DeployedApplication): HoldsInForce => ({
  freeze,
  pins: pin === null ? [] : [pin],
});

const releaseText = ({ version, release, digest, stableAt, promotedFrom }: KeptRelease, clock: Clock): string =>
  [
    version,
    `release ${release}`,
    shortDigest(digest),
    `stable since ${tellTime(stableAt, clock)}`,
    ...(promotedFrom === null ? [] : [describePromotion(promotedFrom)]),
  ].join(' · ');

function wayBack({ name, kept, place }: DeployedApplication): string[] {
  const earlier = kept.filter(({ state }) => state === 'retired');
  if (earlier.length === 0) return [];
  const versions = earlier.map(({ version, release }) => `${version} (release ${release})`).join(', ');
  return [
    '',
    `back to one of ${versions}`,
    `  sluice deploy rollback --application ${name} --environment ${place.environment} --reason "…"`,
  ];
}

/** What really runs; where nobody could look, that is said instead. */
export const renderInstances = forPeople(({ observation }: DeployedApplication, look: Look): string => {
  if (observation.kind === 'unseen') return `what runs could not be seen: ${observation.why}`;
  return instanceTable(observation.application?.instances ?? [], look);
});

export function instanceTable(instances: readonly ObservedInstance[], { listWidth, clock }: Look): string {
  if (instances.length === 0) return 'no instance runs';
  return renderTable(
    [
      { head: 'INSTANCE', cell: ({ name }) => name },
      { head: 'VERSION', cell: ({ labels }) => labels.version, cutTo: 8 },
      { head: 'STATE', cell: stateText, cutTo: 8 },
      { head: 'ROUTER', cell: routedText, cutTo: 8 },
      { head: 'ENGINE', cell: ({ engine }) => engine, cutTo: 6 },
      { head: 'STARTED', cell: ({ startedAt }) => (startedAt === null ? '' : tellRoughly(startedAt, clock)), cutTo: 6 },
    ],
    instances,
    listWidth,
  );
}

function stateText({ state, exit }: ObservedInstance): string {
  if (exit === null) return state;
  return `${state} ${exit.code}${exit.outOfMemory ? ', out of memory' : ''}`;
}

function routedText({ routed }: ObservedInstance): string {
  if (routed === null) return 'not routed';
  return `${routed.up ? 'up' : 'down'}, ${routed.state}, ${routed.inFlight} in flight`;
}

/** The lines of each instance below its name. */
export const renderLogs = forPeople((logs: readonly InstanceLog[]): string => {
  if (logs.length === 0) return 'no instance runs';
  const isOne = logs.length === 1;
  return logs.flatMap(({ instance, lines }) => [...(isOne ? [] : [`==> ${instance} <==`]), ...lines]).join('\n');
});

export const logLine = forPeople(({ instance, line }: LogLine): string => `${instance}  ${line}`);
