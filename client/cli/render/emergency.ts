import type { ApplicationBack, EmergencyReport, NamedRelease, StoppedRun } from '#domain/emergency/emergency.ts';
import { describeEnd } from '#domain/emergency/describe-emergency.ts';
import { counted } from '#domain/counted.ts';
import { describeDuration } from '../../engine/emergency/emergency-document.ts';
import type { ShownEmergency } from '../../engine/emergency/load-report.ts';
import type { EmergencyPreview, PreviewedRun } from '../../engine/emergency/preview-emergency.ts';
import { forPeople } from './printable.ts';
import type { Look } from './run.ts';
import { renderTable } from './table.ts';

/** `env rollback --dry-run`, and what a person is shown before they are asked. */
export const renderPreview = forPeople((preview: EmergencyPreview, { listWidth }: Look): string => {
  const { environment, to, runs, ways, settled, left, openAlready } = preview;
  const goal = to === null ? 'each application to its release before' : `to what was in use at ${to}`;
  return [
    `take ${environment} back: ${goal}`,
    '  nobody begins there meanwhile but ways back',
    ...(openAlready === null ? [] : [`  ${openAlready} is open already: it would be the answer`]),
    ...(runs.length === 0 ? ['', 'no run is open'] : ['', renderTable(PREVIEWED_RUNS, runs, listWidth)]),
    ...(ways.length === 0
      ? ['', 'no application goes back by a run of its own']
      : [
          '',
          renderTable(
            [
              { head: 'APPLICATION', cell: ({ application }) => application },
              { head: 'FROM', cell: ({ from }) => named(from), cutTo: 8 },
              { head: 'TO', cell: (way) => named(way.to), cutTo: 8 },
              { head: 'AFTER', cell: ({ after }) => after.join(', ') || '-', cutTo: 8 },
            ],
            ways,
            listWidth,
          ),
        ]),
    ...settled.map(({ application, why }) => `  ${application} stays: ${why}`),
    ...left.map(({ what, why, todo }) => `  not taken back: ${what}: ${why}\n    ${todo}`),
  ].join('\n');
});

const PREVIEWED_RUNS = [
  { head: 'OPEN RUN', cell: ({ run }: PreviewedRun) => run },
  { head: 'STATUS', cell: ({ phase }: PreviewedRun) => phase },
  { head: 'DELIVERS', cell: ({ subject }: PreviewedRun) => `${subject.name} ${subject.version}`, cutTo: 8 },
  { head: 'WILL', cell: ({ does }: PreviewedRun) => WILL[does] },
];

const WILL: Readonly<Record<PreviewedRun['does'], string>> = {
  cancel: 'be cancelled',
  'roll-back': 'roll back',
  wait: 'be waited for',
};

/** `env rollback-report`, and `run show` of an emergency. */
export const renderReport = forPeople(({ report, isOpen, isCutShort }: ShownEmergency, { listWidth }: Look): string => {
  const { id, environment, by, reason, applications, runs, left } = report;
  return [
    `${id} · ${environment} taken back by ${by}: ${reason}`,
    isCutShort ? '✗ cut short: its workflow was ended, and the environment is open again' : headline(report, isOpen),
    ...(applications.length === 0 ? [] : ['', renderTable(APPLICATIONS, applications, listWidth)]),
    ...(runs.length === 0 ? [] : ['', renderTable(RUNS, runs, listWidth)]),
    ...(left.length === 0 ? [] : ['', 'LEFT']),
    ...left.map(({ what, why, todo }) => `  ${what}: ${why}\n    ${todo}`),
  ].join('\n');
});

const headline = (report: EmergencyReport, isOpen: boolean): string =>
  isOpen ? statusOfEmergency(report) : `${report.left.length === 0 ? '✓' : '✗'} ${describeEnd(report)}`;

/** How it stands in one line. */
export const statusOfEmergency = (report: EmergencyReport): string => {
  const { environment, stage, applications, runCounts } = report;
  switch (stage) {
    case 'taking-hold':
      return `${environment}: nobody begins any more but ways back`;
    case 'stopping-runs':
      return `${environment}: ${counted(runCounts.open, 'run')} still to stop`;
    case 'taking-back': {
      const done = applications.filter(({ state }) => state !== 'waiting' && state !== 'going-back').length;
      return `${environment}: ${done} of ${counted(applications.length, 'application')} done`;
    }
    case 'ended':
      return describeEnd(report);
  }
};

const APPLICATIONS = [
  { head: 'APPLICATION', cell: ({ application }: ApplicationBack) => application },
  { head: 'FROM', cell: ({ from }: ApplicationBack) => named(from), cutTo: 8 },
  { head: 'TO', cell: ({ to }: ApplicationBack) => named(to), cutTo: 8 },
  { head: 'RESULT', cell: ({ state }: ApplicationBack) => state },
  { head: 'RUN', cell: ({ run }: ApplicationBack) => run ?? '-' },
  { head: 'TOOK', cell: (back: ApplicationBack) => describeDuration(back) || '-' },
  { head: 'WHY', cell: ({ why }: ApplicationBack) => why, cutTo: 8 },
];

const RUNS = [
  { head: 'OPEN RUN', cell: ({ run }: StoppedRun) => run },
  { head: 'DELIVERED', cell: ({ subject }: StoppedRun) => `${subject.name} ${subject.version}`, cutTo: 8 },
  { head: 'RESULT', cell: ({ end }: StoppedRun) => (end === 'open' ? 'not stopped yet' : end) },
  { head: 'STATUS', cell: ({ phase }: StoppedRun) => phase },
];

const named = (one: NamedRelease | null): string => (one === null ? '-' : `${one.version} (release ${one.release})`);
