import { counted } from '#domain/counted.ts';
import type {
  EnvironmentCheck,
  ObservedApplication,
  ObservedEngine,
  ObservedEnvironment,
} from '#domain/ports/container-operations.port.ts';
import { formatDuration } from '#domain/time.ts';
import { instanceTable } from './application.ts';
import { tellSize } from './artifact.ts';
import { columns } from './columns.ts';
import { forPeople } from './printable.ts';
import type { Look } from './run.ts';

/** Engines, router and applications of each environment as they were found, and what was written again. */
export const renderObservations = forPeople((observed: readonly ObservedEnvironment[], look: Look): string => {
  if (observed.length === 0) return 'no environment with target docker   ·   sluice env apply -f FILE';
  return observed.map((one) => renderObservation(one, look)).join('\n\n');
});

function renderObservation({ environment, engines, router, applications, rebuilt }: ObservedEnvironment, look: Look) {
  const parts = columns([...engines.map(engineRow), routerRow(router)]);
  return [
    environment,
    indented(parts),
    ...(applications.length === 0 ? ['', '  no application runs here'] : []),
    ...applications.flatMap((one) => ['', `  ${applicationText(one)}`, indented(instanceTable(one.instances, look))]),
    ...(rebuilt.length === 0 ? [] : ['', '  rebuilt', ...rebuilt.map((line) => `    ${line}`)]),
  ].join('\n');
}

const indented = (text: string): string =>
  text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');

function engineRow({ name, answer }: ObservedEngine): string[] {
  if (answer.kind === 'silent') return ['✗', `engine ${name}`, answer.why];
  const { version, cpus, memoryBytes, freeBytes, liveRestore } = answer.facts;
  const free = freeBytes === null ? '' : `, ${tellSize(freeBytes)} free`;
  const restore = liveRestore ? '' : ' · live-restore is off: a restart of the engine stops every container';
  return [
    '✓',
    `engine ${name}`,
    `Docker ${version}, ${counted(cpus, 'CPU')}, ${tellSize(memoryBytes)}${free}${restore}`,
  ];
}

function routerRow(router: ObservedEnvironment['router']): string[] {
  if (router.kind === 'silent') return ['✗', 'router', router.why];
  const { version, uptimeSeconds } = router.facts;
  return ['✓', 'router', `HAProxy ${version}, up for ${formatDuration(uptimeSeconds * 1_000)}`];
}

function applicationText({ application, address, canaryBasisPoints }: ObservedApplication): string {
  const where = address === null ? 'not routed' : `http://${address.host}:${address.port}`;
  const share = canaryBasisPoints === 0 ? '' : ` · ${canaryBasisPoints / 100} % of the traffic to the coming version`;
  return `${application} · ${where}${share}`;
}

const MARKS: Readonly<Record<EnvironmentCheck['kind'], string>> = { passed: '✓', failed: '✗', inconclusive: '?' };

/** Each check with what was found, and what to do where it did not pass. */
export const renderValidation = forPeople((environment: string, checks: readonly EnvironmentCheck[]): string => {
  const bad = checks.filter(({ kind }) => kind !== 'passed').length;
  const verdict = bad === 0 ? 'can be deployed to' : `${bad} of ${counted(checks.length, 'check')} did not pass`;
  return [`${environment}: ${verdict}`, ...checks.flatMap(checkLines)].join('\n');
});

const checkLines = ({ name, kind, findings, hint }: EnvironmentCheck): string[] => [
  `${MARKS[kind]} ${name}${kind === 'inconclusive' ? ' (could not be told)' : ''}`,
  ...findings.map((one) => `    ${one}`),
  ...(kind === 'passed' || hint === '' ? [] : [`    → ${hint}`]),
];
