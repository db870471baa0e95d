import { describeMaximum, describeObstacle } from '../../engine/environments/describe-obstacle.ts';
import type { AskingRun } from '../../engine/environments/asking-runs.ts';
import type { PlacedRun, WaitingRun } from '../../engine/environments/queue-of.ts';
import type { EnvironmentQueue } from '../../engine/environments/read-queue.ts';
import { tellRoughly, tellTime, tellTimes } from '../../engine/runs/clock.ts';
import { holdLines } from './holds.ts';
import { wrap } from './lines.ts';
import { forPeople } from './printable.ts';
import type { Look } from './run.ts';
import { renderTable, type Column } from './table.ts';

/** `env queue`: who is under way, who rests, who waits and why. */
export const renderQueue = forPeople((queue: EnvironmentQueue, look: Look): string => {
  const { environment, maximum, emergency, holders, resting, waiting, asking } = queue;
  const limit = `at most ${maximum} at once`;
  const back = emergency === null ? [] : [`being taken back (${emergency}): only ways back begin`];
  const held = [...back, ...holdLines(environment, queue, look)];
  if (holders.length + resting.length + waiting.length + asking.length === 0)
    return [`${environment}: no run is under way or waits · ${limit}`, ...held].join('\n');
  const counts = [
    `${holders.length} under way`,
    ...(resting.length === 0 ? [] : [`${resting.length} resting`]),
    `${waiting.length} waiting`,
    ...(asking.length === 0 ? [] : [`${asking.length} asking people`]),
  ];
  return [
    `${environment}: ${counts.join(', ')} · ${limit}`,
    ...held,
    ...section('UNDER WAY', holders, look),
    ...(resting.length === 0
      ? []
      : [...section('RESTING', resting, look), '  each keeps its application or devices to itself']),
    ...waitingSection(waiting, look),
    ...askingSection(asking, look),
  ].join('\n');
});

function section(head: string, runs: readonly PlacedRun[], { listWidth, clock }: Look): string[] {
  if (runs.length === 0) return [];
  return ['', renderTable(shapeOf(head, clock), runs, listWidth)];
}

const shapeOf = (head: string, clock: Look['clock']): Column<PlacedRun>[] => [
  { head, cell: ({ row }) => row.run },
  { head: 'STATUS', cell: ({ row }) => row.phase },
  {
    head: 'SINCE',
    cell: ({ claim }) => tellTime(claim.since, clock),
    short: ({ claim }) => tellRoughly(claim.since, clock),
    cutTo: 10,
  },
  { head: 'DELIVERS', cell: ({ row: { subject } }) => `${subject.name} ${subject.version}`, cutTo: 8 },
];

/** Below each run why it waits: ids stay whole, and there may be several. */
function waitingSection(waiting: readonly WaitingRun[], { listWidth, width, clock }: Look): string[] {
  if (waiting.length === 0) return [];
  const [first, ...others] = shapeOf('WAITING', clock);
  const positioned: readonly Column<WaitingRun>[] = [
    { head: '#', cell: ({ position }) => String(position) },
    ...(first ? [first] : []),
    ...others,
  ];
  const [head = '', ...lines] = renderTable(positioned, waiting, listWidth).split('\n');
  const indent = ' '.repeat(String(waiting.length).length + 2);
  const reasons = waiting.map((one) =>
    wrap(tellTimes(whyOf(one), clock), width - indent.length).map((line) => `${indent}${line}`),
  );
  return ['', head, ...lines.flatMap((line, at) => [line, ...(reasons[at] ?? [])])];
}

function whyOf({ row, claim, resumes, obstacle }: WaitingRun): string {
  const why =
    obstacle?.kind === 'maximum'
      ? describeMaximum(obstacle)
      : describeObstacle(obstacle, row.subject.kind, (run) => run);
  const notes = [
    why,
    ...(claim.priority === 'rollback' ? ['a way back: goes before the others'] : []),
    ...(resumes ? [`has begun, keeps its ${row.subject.kind === 'application' ? 'application' : 'devices'}`] : []),
  ];
  return notes.join(' · ');
}

/** How long people have been asked for their word, and how often they were reminded of it. */
function askingSection(asking: readonly AskingRun[], { listWidth, clock }: Look): string[] {
  if (asking.length === 0) return [];
  const columns: readonly Column<AskingRun>[] = [
    { head: 'ASKS PEOPLE', cell: ({ row }) => row.run },
    { head: 'FOR', cell: ({ missing, waiting }) => `${missing} of role ${waiting.policy.role}`, cutTo: 12 },
    {
      head: 'SINCE',
      cell: ({ waiting }) => tellTime(waiting.since, clock),
      short: ({ waiting }) => tellRoughly(waiting.since, clock),
      cutTo: 10,
    },
    { head: 'REMINDED', cell: ({ waiting }) => (waiting.reminded ? `${waiting.reminded.times}×` : 'not yet') },
    { head: 'TO OPEN', cell: ({ waiting }) => waiting.opens, cutTo: 8 },
  ];
  return ['', renderTable(columns, asking, listWidth), '  sluice approve RUN --comment "…"'];
}
