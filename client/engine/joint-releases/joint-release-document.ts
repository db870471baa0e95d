import type { JointReleaseRow } from '../../../activities/adapters/postgres/joint-releases.ts';
import type { PlannedMember } from '#domain/plan/joint-plan.ts';
import type { MemberView } from '#domain/run/run-view.ts';
import type { DescribedPlan } from '../plans/describe-plan.ts';
import type { CreatedJointRelease } from './create-joint-release.ts';
import type { CalendarDay } from './release-calendar.ts';
import { spanOf, stateOf, type ReleaseMetrics } from './release-standing.ts';

type Document = Record<string, unknown>;

/** What `release create` says to programs. */
export function createdReleaseDocument({ plan, digest, notes }: CreatedJointRelease): Document {
  return {
    release: plan.release.name,
    plan_id: plan.planId,
    digest,
    environment: plan.environment.name,
    applications: plan.members.map(memberDocument),
    approval_required: plan.steps.some(({ kind }) => kind === 'approve'),
    schedule: scheduleDocument(plan.schedule),
    notes,
  };
}

/** A release in a list. */
export function releaseDocument(release: JointReleaseRow): Document {
  const { plan, run, calledOff } = release;
  const { startAt, durationMs } = spanOf(release);
  return {
    release: release.name,
    plan_id: release.planId,
    digest: release.digest,
    environment: release.environment,
    status: stateOf(release),
    execution_id: run?.run ?? null,
    start_time: startAt,
    duration_ms: durationMs,
    applications: plan.members.map(({ application, version }) => ({ name: application, version })),
    author: plan.author,
    created_at: release.createdAt,
    called_off: calledOff,
  };
}

/** A whole release: `plan` is the very document that the digest covers. */
export function releaseDetails(release: JointReleaseRow, { approval, decisions, plan }: DescribedPlan): Document {
  const { run, plan: joint } = release;
  const states = new Map((run?.view?.members ?? []).map((one) => [one.application, one]));
  return {
    ...releaseDocument(release),
    applications: joint.members.map((one) => ({ ...memberDocument(one), ...runDocument(states.get(one.application)) })),
    schedule: scheduleDocument(joint.schedule),
    notes: joint.notes,
    reason: run?.view && 'reason' in run.view.state ? run.view.state.reason : null,
    approval: approval && {
      missing: approval.tally.kind === 'waiting' ? approval.tally.missing : 0,
      able: approval.able,
    },
    decisions: decisions.map(({ decision: { by, decision, comment, at }, lapsed }) => ({
      by,
      decision,
      comment,
      at,
      lapsed,
    })),
    plan,
  };
}

const memberDocument = (one: PlannedMember): Document => ({
  name: one.application,
  version: one.version,
  from: one.before?.version ?? null,
  wave: one.wave,
  needs: one.needs,
  critical: one.critical,
  strategy: one.strategy,
  plan_id: one.planId,
  digest: one.digest,
});

const runDocument = (member: MemberView | undefined): Document => ({
  status: member?.state ?? 'waiting',
  execution_id: member?.run ?? null,
  rollback_execution_id: member?.back ?? null,
  detail: member?.detail ?? '',
});

const scheduleDocument = (schedule: CreatedJointRelease['plan']['schedule']): Document | null =>
  schedule === undefined ? null : { start_time: schedule.startAt, duration_ms: schedule.durationMs };

export const calendarDocument = (days: readonly CalendarDay[]): Document => ({
  days: days.map(({ day, entries }) => ({
    day,
    releases: entries.map(({ release, timezone }) => ({ ...releaseDocument(release), timezone })),
  })),
});

export const metricsDocument = ({ releaseTimeMs, successPercent, rollbackPercent }: ReleaseMetrics): Document => ({
  release_time_ms: releaseTimeMs,
  success_rate: successPercent,
  rollback_rate: rollbackPercent,
});
