import type { JointReleaseRow } from '../../../activities/adapters/postgres/joint-releases.ts';
import { waitOf, type Phase } from '#domain/run/run-state.ts';
import { addMs, type Iso } from '#domain/time.ts';

/** `planned`: not started yet. */
export type ReleaseState = Phase | 'planned' | 'called-off';

export function stateOf({ run, calledOff }: JointReleaseRow): ReleaseState {
  if (run !== null) return run.phase;
  return calledOff === null ? 'planned' : 'called-off';
}

/** When a release goes out, or went. */
export interface ReleaseSpan {
  /** Null: not before somebody starts it. */
  readonly startAt: Iso | null;
  /** Planned or, when it is over, taken; null where nobody said. */
  readonly durationMs: number | null;
}

export function spanOf({ plan, run }: JointReleaseRow): ReleaseSpan {
  const planned = plan.schedule ?? null;
  if (run === null) return { startAt: planned?.startAt ?? null, durationMs: planned?.durationMs ?? null };
  const startAt = beginOf(run, planned?.startAt ?? null);
  const took = run.completedAt === null ? null : Math.max(0, Date.parse(run.completedAt) - Date.parse(startAt));
  return { startAt, durationMs: took ?? planned?.durationMs ?? null };
}

/** One that waits begins when it opens; one that had a time began then at the earliest, unless it ended before. */
function beginOf(run: NonNullable<JointReleaseRow['run']>, planned: Iso | null): Iso {
  const opensAt = run.view === null ? null : (waitOf(run.view.state)?.opensAt ?? null);
  if (opensAt !== null) return opensAt;
  const isLater =
    planned !== null && planned > run.startedAt && (run.completedAt === null || planned < run.completedAt);
  return isLater ? planned : run.startedAt;
}

/** What a release is measured by: section `release.monitoring` of the configuration names which of them are told. */
export interface ReleaseMetrics {
  /** Of those that completed, the median; null before the first. */
  readonly releaseTimeMs: number | null;
  /** Of those that ended; null before the first. */
  readonly successPercent: number | null;
  readonly rollbackPercent: number | null;
}

export function metricsOf(releases: readonly JointReleaseRow[]): ReleaseMetrics {
  const ended = releases.filter(({ run }) => run?.closed === true);
  const completed = ended.filter((one) => one.run?.phase === 'completed');
  const back = ended.filter(({ run }) => run?.phase === 'rolled-back' || run?.phase === 'rollback-incomplete');
  const times = completed.flatMap((one) => spanOf(one).durationMs ?? []).sort((a, b) => a - b);
  const share = (some: number): number | null =>
    ended.length === 0 ? null : Math.round((some / ended.length) * 1_000) / 10;
  return {
    releaseTimeMs: times[Math.floor((times.length - 1) / 2)] ?? null,
    successPercent: share(completed.length),
    rollbackPercent: share(back.length),
  };
}

/** When a span ends; null where its begin or its length is not known. */
export const endOf = ({ startAt, durationMs }: ReleaseSpan): Iso | null =>
  startAt === null || durationMs === null ? null : addMs(startAt, durationMs);
