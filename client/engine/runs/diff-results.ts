import type { StoredEvidence } from '../../../activities/adapters/postgres/evidence.ts';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { RunFacts } from './run-facts.ts';
import { sumCounts, targetsOf } from './run-progress.ts';
import type { RunStatus } from './run-status.ts';
import { leftOf, reasonOf } from './status-document.ts';

/** A run as it is held against another one. */
export interface ComparedRun extends Pick<RunFacts, 'status' | 'plan' | 'events'> {
  readonly evidence: readonly StoredEvidence[];
}

/** What came of a run so far: its end and why, who was reached, what was judged, and what was seen of what went wrong. */
export function resultFacts({ status, plan, events, evidence }: ComparedRun): Readonly<Record<string, unknown>> {
  const { row } = status;
  return {
    phase: row.phase,
    closed: row.closed,
    reason: reasonOf(row.view),
    rolled_back: events.some(({ type }) => type === 'rollback-started') || row.phase === 'rolled-back',
    left: leftOf(status),
    ...reachedFacts(plan, status),
    breaches: events.filter(({ type }) => type === 'breach').map(({ summary }) => summary),
    steps: outcomes(events),
    evidence: evidenceFacts(evidence),
  };
}

function reachedFacts({ kind }: ComparedRun['plan'], status: RunStatus): Readonly<Record<string, unknown>> {
  if (kind === 'fleet-rollout') return deviceFacts(status);
  return kind === 'joint-release' ? { applications: statesOfMembers(status) } : trafficFacts(status);
}

const statesOfMembers = ({ row: { view } }: RunStatus): Readonly<Record<string, string>> =>
  Object.fromEntries((view?.members ?? []).map(({ application, state }) => [application, state]));

function deviceFacts({ waves, wayBack }: RunStatus) {
  const { skipped, offered, queued, inProgress, succeeded, failed, rejected, timedOut, canceled } = sumCounts(waves);
  const ends = { succeeded, failed, rejected, timed_out: timedOut, canceled };
  const devices = { targets: targetsOf(waves), skipped, offered, queued, in_progress: inProgress, ...ends };
  return { devices, way_back: wayBack };
}

function trafficFacts({ row: { view } }: RunStatus) {
  if (!view?.traffic) return { traffic: null };
  const { weightBasisPoints, instances, isHolding } = view.traffic;
  return { traffic: { weight_percent: weightBasisPoints / 100, instances, holding: isHolding } };
}

/** How each step ended last; what a gate found, and the verdict of the judge, also in its own words. */
function outcomes(events: readonly JournalEntry[]): Readonly<Record<string, object>> {
  const ended = events.filter(({ type, data }) => type === 'step-ended' && typeof data['step'] === 'string');
  return Object.fromEntries(
    ended.map(({ summary, data: { step, outcome, result } }) => {
      return [String(step), result === undefined ? { outcome } : { outcome, result, said: summary }];
    }),
  );
}

/** By what it belongs to; their ids would be another one in each run. */
function evidenceFacts(evidence: readonly StoredEvidence[]): Readonly<Record<string, readonly string[]>> {
  const groups = Map.groupBy(evidence, ({ step }) => step);
  return Object.fromEntries([...groups].map(([step, some]) => [step, some.map(({ body }) => seen(body))]));
}

const seen = (body: StoredEvidence['body']): string =>
  typeof body['summary'] === 'string' ? body['summary'] : JSON.stringify(body);
