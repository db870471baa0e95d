import type { Plan } from '#domain/plan/plan.ts';
import { describeStep } from '#domain/plan/describe-step.ts';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { Step } from '#domain/plan/steps.ts';
import type { RunView } from '#domain/run/run-view.ts';
import { addMs } from '#domain/time.ts';
import type { People } from '../environments/load-people.ts';
import { allowedCommands, missingApprovals, type AllowedCommand } from './allowed-commands.ts';
import { stopwatch, tellTime, type Clock } from './clock.ts';
import { describeWaves } from './describe-waves.ts';
import type { RunStatus } from './run-status.ts';
import { reasonOf, stoppingOf } from './status-document.ts';

/** What is known of a run when somebody looks. */
export interface RunFacts {
  readonly status: RunStatus;
  readonly plan: Plan;
  readonly events: readonly JournalEntry[];
  readonly people: People;
  readonly clock: Clock;
}

/** The six answers of a run, for whatever shows it. */
export interface RunPicture {
  readonly title: string;
  /** `RUNNING · step 5 of 9 · 00:14:12`. */
  readonly headline: string;
  readonly doing: string;
  readonly why: string;
  readonly soFar: string;
  readonly next: string;
  /** For whom or what it waits, since when, and until when; null when it does not. */
  readonly waiting: string | null;
  readonly youCan: readonly AllowedCommand[];
}

/** What a run is doing, why, since when, what comes next, who can act with which command, and how to go back. */
export function describeRun(facts: RunFacts): RunPicture {
  const { row } = facts.status;
  return {
    title: `${row.name} · ${row.kind.replace('-', ' ')} · ${row.environment}`,
    headline: headline(facts),
    doing: doing(facts),
    why: why(facts),
    soFar: describeWaves(facts.status),
    next: next(facts),
    waiting: waitingFor(facts),
    youCan: row.view ? allowedCommands(row.view) : [],
  };
}

function headline({ status, clock }: RunFacts): string {
  const { row } = status;
  const step = row.view?.step && !row.closed ? [`step ${row.view.step.index + 1} of ${row.view.steps}`] : [];
  const untilMs = Date.parse(row.completedAt ?? clock.now);
  const since = row.view ? [`since ${tellTime(row.view.state.since, clock)}`] : [];
  return [row.phase.toUpperCase(), ...step, stopwatch(untilMs - Date.parse(row.startedAt)), ...since].join(' · ');
}

function doing(facts: RunFacts): string {
  const { row, wayBack } = facts.status;
  const { view } = row;
  if (row.closed)
    return `nothing: ${row.phase}${row.completedAt ? ` at ${tellTime(row.completedAt, facts.clock)}` : ''}`;
  if (!view) return 'starting: no worker has taken it yet';
  const stopping = stoppingOf(view);
  if (stopping !== null) return stopping;
  switch (view.state.phase) {
    case 'awaiting-approval':
      return `asking for ${view.waiting?.gate ?? view.state.gate}${view.waiting ? ` of ${view.waiting.opens}` : ''}`;
    case 'waiting-for-window':
      return `waiting for the window: opens ${tellTime(view.state.opensAt, facts.clock)}`;
    case 'paused':
      return `paused by ${view.state.by}: ${view.state.reason}`;
    case 'rolling-back':
      return `rolling back: ${wayBack.returned} of ${wayBack.devices} devices confirmed their previous firmware`;
    default:
      return `${view.step ? stepUnderWay(view, facts) : 'choosing devices'}${view.pausing ? ' (pausing: this ends first)' : ''}`;
  }
}

function stepUnderWay(view: RunView, { plan, events, clock }: RunFacts): string {
  const index = view.step?.index ?? -1;
  const step = plan.steps[index];
  if (step?.kind !== 'bake') return view.step?.summary ?? '';
  const starts = events.filter(({ type, data }) => type === 'step-started' && data['index'] === index);
  // Begun again after a pause, its end is known to the run only.
  const until =
    starts.length === 1 && starts[0] ? ` until ${tellTime(addMs(starts[0].at, step.durationMs), clock)}` : '';
  return `${describeStep(step)}: watching ${watched(plan, view)}${until}`;
}

/** Of the criteria those that nobody accepted a breach of. */
function watched({ watch: { healthChecks } }: Plan, { criteria }: RunView): string {
  const parts = [
    ...(criteria.maxFailureRatePercent === null ? [] : ['failure rate']),
    ...(criteria.onHealthCheckFailure && healthChecks.length > 0 ? ['health'] : []),
  ];
  return parts.join(', ') || 'nothing';
}

function why({ status, events, plan, clock }: RunFacts): string {
  const { row } = status;
  const approvals = events.filter(({ type, data }) => type === 'gate-decided' && data['decision'] === 'approve');
  const names = [...new Set(approvals.map(({ data }) => String(data['by'])))];
  const last = approvals.at(-1);
  const reason = reasonOf(row.view);
  return [
    ...(reason && row.view?.state.phase !== 'paused' ? [reason] : []),
    `plan ${row.planId} by ${plan.author} (digest ${row.digest.slice(0, 12)})`,
    ...(last ? [`approved by ${names.join(' and ')} at ${tellTime(last.at, clock)}`] : []),
    `started by ${row.startedBy}`,
  ].join(' · ');
}

function next({ status, plan }: RunFacts): string {
  const { row } = status;
  const phase = row.view?.state.phase;
  if (row.phase === 'completed') return 'nothing: the run is over; the way back is a plan with an earlier version';
  if (row.closed) return 'nothing: the run is over';
  if (phase === 'rolling-back')
    return 'ends when every device confirmed its own previous firmware, or names those left';
  const following = plan.steps[(row.view?.step?.index ?? -1) + 1];
  const step = following ? upcoming(following, status) : 'the last look, then completed';
  return phase === 'paused' ? `after resume: ${row.view?.step?.summary ?? step}` : step;
}

function upcoming(step: Step, { waves }: RunStatus): string {
  if (step.kind !== 'offer') return describeStep(step);
  const targets = waves.find(({ wave }) => wave === step.wave)?.targets;
  const rate = step.maximumPerMinute === null ? '' : `, at most ${step.maximumPerMinute} a minute`;
  return `wave ${step.wave} of ${step.waves} (${step.label})${targets === undefined ? '' : `: ${targets} devices`}${rate}`;
}

function waitingFor({ status, plan, people, clock }: RunFacts): string | null {
  const waiting = status.row.view?.waiting;
  if (!waiting || status.row.closed) return null;
  const expires = waiting.expiresAt === null ? 'never expires' : `expires ${tellTime(waiting.expiresAt, clock)}`;
  return `${missingApprovals(waiting, plan.author, people)} · asked ${tellTime(waiting.since, clock)} · ${expires}`;
}
