// What programs read of the rollback of an environment: the names are a contract.
import type {
  ApplicationBack,
  EmergencyReport,
  LeftBehind,
  NamedRelease,
  StoppedRun,
} from '#domain/emergency/emergency.ts';
import { formatDuration } from '#domain/time.ts';
import type { ShownEmergency } from './load-report.ts';
import type { EmergencyPreview } from './preview-emergency.ts';

export const reportDocument = ({ report, isOpen, isCutShort }: ShownEmergency) => ({
  emergency_id: report.id,
  environment: report.environment,
  status: statusOf(report, { isOpen, isCutShort }),
  stage: report.stage,
  by: report.by,
  reason: report.reason,
  to: report.to,
  started_at: report.startedAt,
  ended_at: report.endedAt,
  duration_ms: durationMs(report),
  applications: report.applications.map(applicationDocument),
  runs: report.runs.map(runOf),
  run_counts: report.runCounts,
  left: report.left.map(leftDocument),
});

/** In one word how it came out. */
export function statusOf(
  { left }: EmergencyReport,
  { isOpen, isCutShort }: Omit<ShownEmergency, 'report'>,
): 'open' | 'cut-short' | 'back' | 'incomplete' {
  if (isOpen) return 'open';
  if (isCutShort) return 'cut-short';
  return left.length === 0 ? 'back' : 'incomplete';
}

const durationMs = ({ startedAt, endedAt }: Pick<ApplicationBack, 'startedAt' | 'endedAt'>): number | null =>
  startedAt === null || endedAt === null ? null : Date.parse(endedAt) - Date.parse(startedAt);

/** `12.4 s`; empty for what has not begun or ended. */
export function describeDuration(one: Pick<ApplicationBack, 'startedAt' | 'endedAt'>): string {
  const tookMs = durationMs(one);
  return tookMs === null ? '' : formatDuration(tookMs);
}

const applicationDocument = (back: ApplicationBack) => ({
  application: back.application,
  from: releaseDocument(back.from),
  to: releaseDocument(back.to),
  result: back.state,
  execution_id: back.run,
  duration_ms: durationMs(back),
  why: back.why,
});

const releaseDocument = (one: NamedRelease | null) => one && { version: one.version, release: one.release };

const runOf = ({ run, subject, end, phase, reason }: StoppedRun) => ({
  execution_id: run,
  delivers: `${subject.name} ${subject.version}`,
  result: end,
  status: phase,
  reason,
});

const leftDocument = ({ what, why, todo }: LeftBehind) => ({ what, why, todo });

export const previewDocument = ({ environment, to, runs, ways, settled, left, openAlready }: EmergencyPreview) => ({
  environment,
  to,
  open_already: openAlready,
  runs: runs.map((one) => ({ execution_id: one.run, status: one.phase, action: one.does })),
  applications: [
    ...ways.map(({ application, from, to: target, after, why }) => {
      const result = 'would-go-back';
      return { application, from: releaseDocument(from), to: releaseDocument(target), result, after, why };
    }),
    ...settled.map((back) => ({
      ...{ application: back.application, from: releaseDocument(back.from), to: releaseDocument(back.to) },
      ...{ result: back.state, after: [], why: back.why },
    })),
  ],
  left: left.map(leftDocument),
});
