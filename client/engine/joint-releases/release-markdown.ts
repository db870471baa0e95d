import type { JointReleaseRow } from '../../../activities/adapters/postgres/joint-releases.ts';
import type { PlannedMember } from '#domain/plan/joint-plan.ts';
import type { MemberView } from '#domain/run/run-view.ts';
import { formatDuration } from '#domain/time.ts';
import { endOf, spanOf, stateOf } from './release-standing.ts';

/** The notes of a release for its readers, as Markdown: what it brings from which version to which, the notes, the result. */
export function releaseMarkdown(release: JointReleaseRow): string {
  const { plan, name, environment, calledOff } = release;
  const lines = [
    `# Release ${name} → ${environment}`,
    '',
    `- state: **${stateOf(release)}**${reasonOf(release)}`,
    `- by ${plan.author}, plan ${plan.planId}, digest \`${release.digest}\``,
    ...whenLines(release),
    ...(calledOff === null ? [] : [`- called off by ${calledOff.by} at ${calledOff.at}: ${oneLine(calledOff.reason)}`]),
    '',
    '## Applications',
    '',
    '| wave | application | from | to | result |',
    '|---|---|---|---|---|',
    ...plan.members.map((member) => row(member, memberOf(release, member))),
    ...(plan.notes.trim() === '' ? [] : ['', '## Notes', '', plan.notes.trim()]),
  ];
  return lines.join('\n');
}

const memberOf = ({ run }: JointReleaseRow, { application }: PlannedMember): MemberView | undefined =>
  run?.view?.members?.find((one) => one.application === application);

function row({ wave, application, version, before }: PlannedMember, member: MemberView | undefined): string {
  const result =
    member === undefined ? '–' : [member.state.replace('-', ' '), member.detail].filter(Boolean).join(': ');
  return `| ${[wave, application, before?.version ?? 'nothing', version, result].map((text) => cell(String(text))).join(' | ')} |`;
}

function reasonOf({ run }: JointReleaseRow): string {
  const state = run?.view?.state;
  return state && 'reason' in state && state.reason !== '' ? `: ${oneLine(state.reason)}` : '';
}

function whenLines(release: JointReleaseRow): string[] {
  const span = spanOf(release);
  const { startAt, durationMs } = span;
  if (startAt === null) return [];
  const endAt = endOf(span);
  const isOver = release.run?.closed === true;
  if (isOver) return [`- began ${startAt}, ended ${endAt ?? ''} after ${formatDuration(durationMs ?? 0)}`];
  return [`- begins ${startAt}${durationMs === null ? '' : `, within ${formatDuration(durationMs)}`}`];
}

/** Reasons are people's text: none of it may end a line, or a cell of the table. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ');
const cell = (text: string): string => oneLine(text).replaceAll('|', '\\|');
