import { counted, inWords } from '#domain/counted.ts';
import type { RunDevice } from '../../../activities/adapters/postgres/run-devices.ts';
import { failures } from '#domain/fleet/counts.ts';
import type { Phase } from '#domain/run/run-state.ts';
import { describePromotion } from '../promotions/promotion-document.ts';
import { allowedCommands, waysPastHold, waysToSee, type AllowedCommand } from './allowed-commands.ts';
import { stopwatch, tellTime, tellTimes, type Clock } from './clock.ts';
import { describeDoing, describeWaiting } from './describe-doing.ts';
import { describeNext } from './describe-next.ts';
import { describeSoFar } from './describe-so-far.ts';
import { rollbackOfApplication } from './describe-traffic.ts';
import { describeWayBack } from './describe-way-back.ts';
import type { RunFacts } from './run-facts.ts';
import { sumCounts } from './run-progress.ts';
import { leftOf, reasonOf } from './status-document.ts';

/** The six answers of a run, for whatever shows it. */
export interface RunPicture {
  readonly title: string;
  /** `RUNNING · 45 % · step 5 of 9 · 00:14:12`. */
  readonly headline: string;
  readonly since: string;
  readonly doing: string;
  /** For whom or what it waits, since when, and until when; null when it does not. */
  readonly waiting: string | null;
  readonly why: string;
  readonly soFar: string;
  /** A few devices by name that failed or are left behind; null when there is none. */
  readonly devices: string | null;
  readonly next: string;
  /** How to go back, or how that stands. */
  readonly back: string;
  readonly youCan: readonly AllowedCommand[];
}

/** What a run is doing, why, since when, what comes next, who can act with which command, and how to go back. */
export function describeRun(facts: RunFacts, clock: Clock): RunPicture {
  const { row } = facts.status;
  const { name, version } = row.subject;
  return {
    title: `${row.name} · ${row.kind.replace('-', ' ')} · ${name} ${version} → ${row.environment}`,
    headline: headline(facts, clock),
    since: since(facts, clock),
    doing: describeDoing(facts, clock),
    waiting: describeWaiting(facts, clock),
    why: why(facts, clock),
    soFar: describeSoFar(facts),
    devices: namedDevices(facts),
    next: describeNext(facts),
    back: describeWayBack(facts, clock),
    youCan: [
      ...(row.view ? allowedCommands(row.view) : []),
      ...backByApplication(facts),
      ...waysPastHold(facts),
      ...waysToSee(facts),
    ],
  };
}

function backByApplication(facts: RunFacts): AllowedCommand[] {
  const { plan } = facts;
  const command = plan.kind === 'container-release' ? rollbackOfApplication(facts, plan) : null;
  return command === null ? [] : [{ action: 'roll back', command }];
}

function headline({ status }: RunFacts, clock: Clock): string {
  const { row, progress } = status;
  const step = row.view?.step && !row.closed ? [`step ${row.view.step.index + 1} of ${row.view.steps}`] : [];
  const untilMs = Date.parse(row.completedAt ?? clock.now);
  const took = stopwatch(untilMs - Date.parse(row.startedAt));
  return [row.phase.toUpperCase(), `${progress} %`, ...step, took].join(' · ');
}

function since({ status: { row } }: RunFacts, clock: Clock): string {
  const started = `started ${tellTime(row.startedAt, clock)} by ${row.startedBy}`;
  const at = row.completedAt ?? row.view?.state.since;
  return at === undefined ? started : `${tellTime(at, clock)} · ${started}`;
}

function why({ status: { row }, events, plan }: RunFacts, clock: Clock): string {
  const approvals = events.filter(({ type, data }) => type === 'gate-decided' && data['decision'] === 'approve');
  const names = [...new Set(approvals.map(({ data }) => String(data['by'])))];
  const last = approvals.at(-1);
  const reason = reasonOf(row.view);
  return [
    ...(reason && !isToldElsewhere(row.phase) ? [tellTimes(reason, clock)] : []),
    ...(plan.promotedFrom ? [describePromotion(plan.promotedFrom)] : []),
    `plan ${row.planId} by ${plan.author} (digest ${row.digest.slice(0, 12)})`,
    ...(row.partOf === null ? [] : [`part of release ${row.partOf}`]),
    ...(last ? [`approved by ${inWords(names)} at ${tellTime(last.at, clock)}`] : []),
  ].join(' · ');
}

/** What holds a run stands beside `doing` and `waiting`. */
const isToldElsewhere = (phase: Phase): boolean => phase === 'paused' || phase === 'waiting-for-window';

function namedDevices({ status, examples }: RunFacts): string | null {
  // Of a release of several the applications are named with what it has brought about.
  if (status.row.subject.kind === 'release') return null;
  const groups = [
    named(leftOf(status), 'left behind', examples.left),
    named(failures(sumCounts(status.waves)), 'failed', examples.failed),
  ].filter((text) => text !== '');
  return groups.length === 0 ? null : groups.join(' · ');
}

function named(count: number, what: string, examples: readonly RunDevice[]): string {
  if (count === 0) return '';
  if (examples.length === 0) return `${counted(count, 'device')} ${what}`;
  const names = examples.map(({ thing, reason }) => (reason === '' ? thing : `${thing} (${reason})`));
  const more = count > examples.length ? `, and ${count - examples.length} more` : '';
  return `${what}: ${names.join(', ')}${more}`;
}
