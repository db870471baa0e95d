import type { JointReleaseRow } from '../../../activities/adapters/postgres/joint-releases.ts';
import { counted } from '#domain/counted.ts';
import { firstApproval } from '#domain/plan/first-approval.ts';
import { isClosed } from '#domain/run/run-state.ts';
import { formatDuration } from '#domain/time.ts';
import type { CreatedJointRelease } from '../../engine/joint-releases/create-joint-release.ts';
import type { CalendarDay, CalendarEntry } from '../../engine/joint-releases/release-calendar.ts';
import { spanOf, stateOf, type ReleaseMetrics } from '../../engine/joint-releases/release-standing.ts';
import type { DescribedPlan } from '../../engine/plans/describe-plan.ts';
import { tellTime, tellTimes, type Clock } from '../../engine/runs/clock.ts';
import { columns } from './columns.ts';
import { renderJointWayBack, renderMembers, renderOrder } from './joint-release-sections.ts';
import { approvalText } from './plan.ts';
import { forPeople } from './printable.ts';
import type { Look } from './run.ts';
import { renderTable } from './table.ts';

/** What `release create` says: what was planned, in which order, and what comes next. */
export const renderCreatedRelease = forPeople(({ plan, digest, notes }: CreatedJointRelease, clock: Clock): string => {
  const { name } = plan.release;
  const approval = firstApproval(plan);
  return [
    `✓ release ${name} → ${plan.environment.name} · ${plan.planId}`,
    ...indented(renderOrder(plan.members)),
    `  digest  ${digest}`,
    ...(plan.schedule === undefined
      ? []
      : [`  begins  ${whenText(plan.schedule.startAt, plan.schedule.durationMs, clock)}`]),
    ...notes.map((note) => `  note    ${note}`),
    `  next    sluice release ${approval === null ? `execute ${name}` : `show ${name}`}`,
  ].join('\n');
});

/** A whole release: order, what each application changes, when, who must agree, how it comes back, and how it stands. */
export const renderRelease = forPeople((release: JointReleaseRow, described: DescribedPlan, clock: Clock): string => {
  const { plan } = release;
  return [
    `release ${release.name} · ${release.environment} · ${release.planId}`,
    `  ${stateLine(release, clock)}`,
    `  by ${plan.author}, ${tellTime(plan.createdAt, clock)}`,
    `  digest ${release.digest}`,
    ...titled('order', renderOrder(plan.members)),
    ...titled('changes', renderMembers(plan)),
    ...standing(release),
    ...titled('approval', approvalText(described, clock)),
    ...titled('way back', renderJointWayBack(plan)),
    ...(plan.notes.trim() === '' ? [] : titled('notes', plan.notes.trim())),
    ...next(release),
  ].join('\n');
});

function stateLine(release: JointReleaseRow, clock: Clock): string {
  const { run, calledOff } = release;
  const { startAt, durationMs } = spanOf(release);
  const when =
    startAt === null ? 'not scheduled' : `${run?.closed ? 'began' : 'begins'} ${whenText(startAt, durationMs, clock)}`;
  const reason = run?.view && 'reason' in run.view.state ? run.view.state.reason : '';
  const off = calledOff === null ? '' : ` by ${calledOff.by}: ${calledOff.reason}`;
  return [`${stateOf(release).toUpperCase()}${off}`, when, ...(reason === '' ? [] : [tellTimes(reason, clock)])].join(
    ' · ',
  );
}

const whenText = (startAt: string, durationMs: number | null, clock: Clock): string =>
  `${tellTime(startAt, clock)}${durationMs === null ? '' : `, ${formatDuration(durationMs)}`}`;

function standing({ run }: JointReleaseRow): string[] {
  const members = run?.view?.members ?? [];
  if (members.length === 0) return [];
  const rows = members.map(({ application, version, state, run: own, back, detail }) => [
    `${application} ${version}`,
    state.replace('-', ' '),
    back ?? own ?? '',
    detail,
  ]);
  return titled('standing', columns(rows));
}

function next({ name, run, calledOff }: JointReleaseRow): string[] {
  if (calledOff !== null) return [];
  if (run === null) return ['', `next  sluice release execute ${name}`];
  return isClosed(run.phase) ? ['', `next  sluice release notes ${name}`] : ['', `next  sluice run watch ${run.run}`];
}

const indented = (text: string): string[] => text.split('\n').map((line) => `  ${line}`);
const titled = (title: string, body: string): string[] => ['', title, ...indented(body)];

const NONE = 'no release yet · sluice release create -f FILE';

export const renderReleases = forPeople(
  (releases: readonly JointReleaseRow[], metrics: Partial<ReleaseMetrics>, { listWidth, clock }: Look): string => {
    if (releases.length === 0) return NONE;
    const table = renderTable(
      [
        { head: 'RELEASE', cell: (one) => one.name },
        { head: 'STATE', cell: stateOf },
        { head: 'ENVIRONMENT', cell: (one) => one.environment, cutTo: 11 },
        { head: 'BEGINS', cell: (one) => startText(spanOf(one).startAt, clock), cutTo: 8 },
        { head: 'APPLICATIONS', cell: membersText, cutTo: 12 },
        { head: 'PLAN', cell: (one) => one.planId },
      ],
      releases,
      listWidth,
    );
    const measured = metricsText(metrics);
    return measured === '' ? table : `${table}\n${measured}`;
  },
);

const startText = (startAt: string | null, clock: Clock): string => (startAt === null ? '–' : tellTime(startAt, clock));

const membersText = ({ plan }: JointReleaseRow): string =>
  plan.members.map(({ application, version }) => `${application} ${version}`).join(', ');

function metricsText({
  releaseTimeMs: time = null,
  successPercent: success = null,
  rollbackPercent: rollback = null,
}: Partial<ReleaseMetrics>): string {
  return [
    ...(time === null ? [] : [`release time ${formatDuration(Math.floor(time / 1_000) * 1_000)} (median)`]),
    ...(success === null ? [] : [`success rate ${success} %`]),
    ...(rollback === null ? [] : [`rollback rate ${rollback} %`]),
  ].join(' · ');
}

/** Day by day on the environments' own clocks. */
export const renderCalendar = forPeople((days: readonly CalendarDay[]): string => {
  if (days.length === 0) return NONE;
  return days
    .map(({ day, entries }) => [day ?? 'no time yet', ...indented(columns(entries.map(entryRow)))].join('\n'))
    .join('\n');
});

function entryRow({ release, startAt, durationMs, timezone }: CalendarEntry): string[] {
  const count = counted(release.plan.members.length, 'application');
  const time =
    startAt === null
      ? ''
      : new Intl.DateTimeFormat('en-GB', {
          timeZone: timezone,
          hour: '2-digit',
          minute: '2-digit',
          timeZoneName: 'short',
        }).format(new Date(startAt));
  const long = durationMs === null ? '' : formatDuration(Math.floor(durationMs / 1_000) * 1_000);
  return [time, long, release.name, release.environment, stateOf(release), count];
}
