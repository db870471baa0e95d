import type { WaveTally } from '../../../activities/adapters/postgres/run-counts.ts';
import type { RunRow } from '../../../activities/adapters/postgres/runs.ts';
import { tally } from '#domain/approvals/approval.ts';
import { NO_COUNTS, pending, type WaveCounts } from '#domain/fleet/counts.ts';
import { isClosed, waitOf } from '#domain/run/run-state.ts';
import type { RunView, TrafficView, WaitingGate } from '#domain/run/run-view.ts';
import { sumCounts, targetsOf } from './run-progress.ts';
import type { RunStatus } from './run-status.ts';

/** What programs read of a run in a list: the names are a contract. */
export function runDocument(row: RunRow) {
  return {
    execution_id: row.run,
    workflow_id: row.workflowId,
    plan_id: row.planId,
    name: row.name,
    environment: row.environment,
    kind: row.kind,
    ...subjectDocument(row),
    status: row.phase,
    started_by: row.startedBy,
    started_at: row.startedAt,
    completed_at: row.completedAt,
  };
}

/** Firmware under its old name; an application with its version beside it. */
function subjectDocument({ subject: { kind, name, version } }: RunRow) {
  if (kind === 'firmware') return { firmware: { name, version }, application: null };
  if (kind === 'release') return { firmware: null, application: null, release: name };
  return { firmware: null, application: { name, version } };
}

function trafficDocument({ release, before, weightBasisPoints, instances, isHolding, address }: TrafficView) {
  return { release, before, weight_percent: weightBasisPoints / 100, instances, holding: isHolding, address };
}

/** What programs read of one run: `deploy status --output json`. */
export function statusDocument(status: RunStatus) {
  const { row, waves } = status;
  return {
    ...runDocument(row),
    digest: row.digest,
    progress: status.progress,
    counts: { targets: targetsOf(waves), ...countsDocument(sumCounts(waves)) },
    waves: waveDocuments(row.view, waves),
    ...(row.view?.members && { applications: row.view.members }),
    ...(row.partOf !== null && { part_of: row.partOf }),
    traffic: row.view?.traffic ? trafficDocument(row.view.traffic) : null,
    reason: reasonOf(row.view),
    waiting: row.view?.waiting ? askedDocument(row.view.waiting) : null,
    window: row.view ? windowDocument(row.view) : null,
    left: leftOf(status),
    way_back: status.wayBack.devices === 0 ? null : status.wayBack,
  };
}

/** Why the run stands where it stands; null where its phase says it all. */
export function reasonOf(view: RunView | null): string | null {
  if (!view) return null;
  const stopping = stoppingOf(view);
  if (stopping !== null) return stopping;
  if ('reason' in view.state) return view.state.reason;
  return view.interrupt && 'summary' in view.interrupt ? view.interrupt.summary : null;
}

/** A person's cancel or rollback that is being carried out; null once the phase says so itself. */
export function stoppingOf({ state, interrupt }: RunView): string | null {
  if (!interrupt || !('by' in interrupt) || state.phase === 'rolling-back' || isClosed(state.phase)) return null;
  const asked = interrupt.why === 'cancel' ? 'cancel' : 'rollback';
  return `stopping: ${asked} asked by ${interrupt.by}: ${interrupt.reason}`;
}

/** Devices that could not be taken back: what the run said at its end, until then what is known so far. */
export function leftOf({ row, wayBack }: RunStatus): number {
  return row.view?.state.phase === 'rollback-incomplete' ? row.view.state.left : wayBack.left;
}

function waveDocuments(view: RunView | null, tallies: readonly WaveTally[]) {
  const planned = view?.waves ?? [];
  const numbers = [...new Set([...planned, ...tallies].map(({ wave }) => wave))].sort((a, b) => a - b);
  return numbers.map((wave) => {
    const known = planned.find((one) => one.wave === wave);
    const live = tallies.find((one) => one.wave === wave);
    return {
      wave,
      label: known?.label ?? null,
      state: known?.state ?? 'waiting',
      targets: live?.targets ?? 0,
      ...countsDocument(live?.counts ?? NO_COUNTS),
    };
  });
}

function countsDocument(counts: WaveCounts) {
  return {
    offered: counts.offered,
    queued: counts.queued,
    in_progress: counts.inProgress,
    succeeded: counts.succeeded,
    failed: counts.failed,
    rejected: counts.rejected,
    timed_out: counts.timedOut,
    canceled: counts.canceled,
    skipped: counts.skipped,
    pending: pending(counts),
  };
}

/** What holds the run until it opens; also while it is paused. */
function windowDocument({ state }: RunView) {
  const wait = waitOf(state);
  return wait && { held_by: wait.heldBy, opens_at: wait.opensAt, reason: wait.reason, since: wait.since };
}

/** What people are asked, since when, and how often they were reminded. */
export function askedDocument(waiting: WaitingGate) {
  const { gate, opens, policy, since, expiresAt, decisions, reminded } = waiting;
  const state = tally(policy, decisions);
  return {
    gate,
    opens,
    role: policy.role,
    quorum: policy.quorum,
    missing: state.kind === 'waiting' ? state.missing : 0,
    since,
    expires_at: expiresAt,
    reminded: reminded?.times ?? 0,
    reminded_at: reminded?.lastAt ?? null,
    decisions: decisions.map(({ by, decision, at, comment, verified }) => ({ by, decision, at, comment, verified })),
  };
}
