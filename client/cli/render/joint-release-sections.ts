import { counted, inWords } from '#domain/counted.ts';
import type { JointPlan, PlannedMember } from '#domain/plan/joint-plan.ts';
import { columns } from './columns.ts';

/** The order as a small diagram: what stands in one column goes out at the same time. `*` marks what is critical. */
export function renderOrder(members: readonly PlannedMember[]): string {
  const waves = [...Map.groupBy(members, ({ wave }) => wave).values()];
  const height = Math.max(...waves.map((wave) => wave.length));
  const widths = waves.map((wave, at) => Math.max(`wave ${at + 1}`.length, ...wave.map((one) => nameOf(one).length)));
  const cell = (text: string, at: number): string => text.padEnd(widths[at] ?? 0);
  const head = waves.map((_wave, at) => cell(`wave ${at + 1}`, at)).join('     ');
  const rows = Array.from({ length: height }, (_, row) =>
    waves.map((wave, at) => cell(wave[row] ? nameOf(wave[row]) : '', at)).join(row === 0 ? '  →  ' : '     '),
  );
  const marked = members.some(({ critical }) => critical) ? ['* critical'] : [];
  return [head, ...rows, ...marked].map((line) => line.trimEnd()).join('\n');
}

const nameOf = ({ application, version, critical }: PlannedMember): string =>
  `${application} ${version}${critical ? ' *' : ''}`;

/** What each application changes; `-` and `+` as in a diff. */
export function renderMembers({ members }: JointPlan): string {
  const rows = members.flatMap((one) => {
    const after = one.needs.length === 0 ? '' : `after ${inWords(one.needs)}`;
    const instances = counted(one.replicas, 'instance');
    return [
      [
        '-',
        one.application,
        one.before === null ? 'nothing' : `${one.before.version} (release ${one.before.release})`,
        '',
      ],
      ['+', one.application, `${one.version}, ${one.strategy.replace('_', '-')}, ${instances}`, after],
    ];
  });
  return `${columns(rows).replaceAll(/ +$/gm, '')}\n(their plans: ${members.map(({ planId }) => planId).join(', ')})`;
}

/** What takes a release back, in which order, and what would stay. */
export function renderJointWayBack({ members }: JointPlan): string {
  const back = members.toReversed().filter(({ before }) => before !== null);
  const stays = members.filter(({ before }) => before === null);
  return [
    'when one application fails, is rolled back or cancelled, all go back; also by command',
    ...(back.length === 0 ? [] : [back.map((one) => `${one.application} ${one.before?.version ?? ''}`).join(' → ')]),
    ...(stays.length === 0
      ? []
      : [`! ${inWords(stays.map(({ application }) => application))} would stay: nothing was in use before`]),
  ].join('\n');
}
