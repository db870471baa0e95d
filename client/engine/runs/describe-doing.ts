import { tally } from '#domain/approvals/approval.ts';
import { counted, inWords } from '#domain/counted.ts';
import { executed } from '#domain/fleet/counts.ts';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import { describeStep } from '#domain/plan/describe-step.ts';
import type { Plan } from '#domain/plan/plan.ts';
import type { OfferStep, Step } from '#domain/plan/steps.ts';
import { startsNow } from '#domain/run/refuse-start-now.ts';
import type { RunState } from '#domain/run/run-state.ts';
import type { RunView, WaitingGate } from '#domain/run/run-view.ts';
import { missingApprovals } from './allowed-commands.ts';
import { tellTime, tellTimes, type Clock } from './clock.ts';
import { answerDeadline, stepDeadline, wayBackDeadline } from './deadlines.ts';
import { describeQueued, describeSilent, describeTurn } from './describe-queue.ts';
import { describeTrafficBack, readiness } from './describe-traffic.ts';
import type { RunFacts } from './run-facts.ts';
import { stoppingOf } from './status-document.ts';

/** What a run does this moment. */
export function describeDoing(facts: RunFacts, clock: Clock): string {
  const { row } = facts.status;
  const { view } = row;
  if (row.closed) return `nothing: ${row.phase}`;
  if (!view) return facts.queue ? describeQueued(row) : describeSilent(row);
  const stopping = stoppingOf(view);
  if (stopping !== null) return stopping;
  switch (view.state.phase) {
    case 'queued':
      return describeQueued(row);
    case 'awaiting-approval':
      return view.waiting ? `asking people to open ${view.waiting.opens}` : 'asking people to decide';
    case 'waiting-for-window':
      return parked(view.state, clock);
    case 'paused':
      return tellTimes(`paused by ${view.state.by}: ${view.state.reason}`, clock);
    case 'rolling-back':
      return rollingBack(facts, clock);
    default:
      return `${stepUnderWay(view, facts, clock)}${view.pausing ? ' (pausing: this ends first)' : ''}`;
  }
}

type Parked = Extract<RunState, { phase: 'waiting-for-window' }>;

function parked({ opensAt, heldBy }: Parked, clock: Clock): string {
  if (opensAt === null) return `waiting for the ${heldBy}: it does not open by itself`;
  const what = heldBy === 'window' ? 'waiting for the window: opens' : 'waiting for its scheduled time: begins';
  return `${what} ${tellTime(opensAt, clock)}`;
}

function rollingBack(facts: RunFacts, clock: Clock): string {
  const { events, plan } = facts;
  if (plan.kind === 'container-release') return describeTrafficBack(facts, clock);
  if (plan.kind === 'joint-release') return 'rolling back: its applications, the last first';
  const { wayBack } = facts.status;
  const deadline = wayBackDeadline(events, plan);
  const until = deadline === null ? '' : `; given up ${tellTime(deadline, clock)}`;
  return `rolling back: ${wayBack.returned} of ${counted(wayBack.devices, 'device')} confirmed their previous firmware${until}`;
}

function stepUnderWay(view: RunView, facts: RunFacts, clock: Clock): string {
  const index = view.step?.index ?? -1;
  const step = facts.plan.steps[index];
  if (!step) return 'about to begin';
  const until = untilWhen(step, index, facts.events, clock);
  if (step.kind === 'offer') return offering(step, facts, until);
  if (step.kind === 'bake') return `${describeStep(step)}: watching ${watched(facts.plan, view)}${until}`;
  const ready = step.kind === 'verify' ? readiness(step, view.traffic) : '';
  return `${describeStep(step)}${ready}${until}`;
}

function untilWhen(step: Step, index: number, events: readonly JournalEntry[], clock: Clock): string {
  const totalMs = longestMs(step);
  const deadline = totalMs === null ? null : stepDeadline(events, index, totalMs);
  return deadline === null ? '' : ` until ${tellTime(deadline, clock)}`;
}

/** Null for a step without a time of its own. */
function longestMs(step: Step): number | null {
  switch (step.kind) {
    case 'offer':
    case 'verify':
      return step.deadlineMs;
    case 'bake':
      return step.durationMs;
    case 'shift':
      return step.timeoutMs;
    default:
      return null;
  }
}

/** A wave ends when all its devices have, or at its deadline: one that is switched off holds it up until then. */
function offering(step: OfferStep, { status }: RunFacts, until: string): string {
  const wave = `wave ${step.wave} of ${step.waves} (${step.label})`;
  const standing = status.waves.find((one) => one.wave === step.wave);
  if (!standing) return `${wave}: choosing devices`;
  const { counts, targets } = standing;
  const ended = executed(counts) + counts.canceled;
  const open = targets - ended;
  if (open <= 0) return `${wave}: ${ended} of ${counted(targets, 'device')} ended`;
  const unreleased = targets - counts.offered;
  const held = unreleased > 0 ? ` (${unreleased} not offered yet)` : '';
  return `${wave}: ${ended} of ${counted(targets, 'device')} ended, waits for ${open} more${held}${until}`;
}

/** Of the criteria those that nobody accepted a breach of. */
function watched(plan: Plan, { criteria }: RunView): string {
  const { healthChecks } = plan.watch;
  const isRelease = plan.kind === 'container-release';
  const parts = [
    ...(criteria.maxFailureRatePercent === null ? [] : [isRelease ? 'error rate' : 'failure rate']),
    ...(criteria.onHealthCheckFailure && healthChecks.length > 0 ? ['health'] : []),
    ...(isRelease && criteria.performanceDegradationPercent !== undefined ? ['performance'] : []),
    ...(isRelease && criteria.userReportedIssues !== undefined ? ['reported issues'] : []),
  ];
  return parts.join(', ') || 'nothing';
}

/** For whom a run waits, since when and until when; null when it waits for nobody. */
export function describeWaiting(facts: RunFacts, clock: Clock): string | null {
  const { view, closed } = facts.status.row;
  if (closed || view?.interrupt) return null;
  if (facts.queue || view?.state.phase === 'queued') return describeTurn(facts, clock);
  if (!view) return null;
  if (view.waiting) return waitingForPeople(view, facts, clock);
  if (view.state.phase === 'waiting-for-window') return waitingForWindow(view, view.state, clock);
  return view.state.phase === 'paused' ? waitingForAnswer(view, facts, clock) : null;
}

function waitingForWindow(view: RunView, { reason, heldBy, since }: Parked, clock: Clock): string {
  const who = heldBy === 'window' ? `role ${startsNow(view).join(' or ')} and a reason` : 'a reason';
  return tellTimes(`${reason} · waits since ${since} · sluice deploy start-now needs ${who}`, clock);
}

function waitingForPeople(view: RunView, { plan, people }: RunFacts, clock: Clock): string | null {
  const { waiting } = view;
  if (!waiting) return null;
  const state = tally(waiting.policy, waiting.decisions);
  const isPaused = view.state.phase === 'paused';
  if (state.kind === 'approved') return `approved by ${inWords(state.by)}${isPaused ? ', opens after resume' : ''}`;
  if (state.kind === 'rejected') return `rejected by ${state.by}`;
  const expires = waiting.expiresAt === null ? 'never expires' : `expires ${tellTime(waiting.expiresAt, clock)}`;
  const asked = `asked ${tellTime(waiting.since, clock)}${describeReminders(waiting, clock)}`;
  return `for ${missingApprovals(waiting, plan.author, people)} · ${asked} · ${expires}`;
}

/** ` · reminded 3 times, last …`; empty before the first one. */
function describeReminders({ reminded }: WaitingGate, clock: Clock): string {
  if (!reminded) return '';
  const last = tellTime(reminded.lastAt, clock);
  return reminded.times === 1 ? ` · reminded ${last}` : ` · reminded ${reminded.times} times, last ${last}`;
}

function waitingForAnswer(view: RunView, { events, plan }: RunFacts, clock: Clock): string {
  const deadline = answerDeadline(view, events, plan);
  if (deadline === null) return 'for somebody to resume it, for as long as that takes';
  return `for somebody to resume, roll back or cancel it · without an answer it ends rollback-incomplete ${tellTime(deadline, clock)}`;
}
