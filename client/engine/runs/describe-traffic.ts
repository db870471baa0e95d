// The answers of a run that releases containers; every word on who serves comes from what the run saw last.
import { counted } from '#domain/counted.ts';
import { ALL_TRAFFIC } from '#domain/containers/route.ts';
import type { ContainerPlan } from '#domain/plan/container-plan.ts';
import type { VerifyStep } from '#domain/plan/steps.ts';
import type { TrafficView } from '#domain/run/run-view.ts';
import { formatDuration } from '#domain/time.ts';
import { tellTime, type Clock } from './clock.ts';
import { wayBackDeadline } from './deadlines.ts';
import type { RunFacts } from './run-facts.ts';

/** `1.1.0 gets 25 % of the traffic, 1.0.0 the rest · 4/4 instances ready · clients at 127.0.0.1:8100`. */
export function describeTraffic(traffic: TrafficView | null, { application, present }: ContainerPlan): string {
  if (traffic === null || traffic.release === null) return 'nothing started yet';
  const { instances, isHolding, address } = traffic;
  return [
    sharesText(traffic, application.version, traffic.before?.version ?? present?.version ?? null),
    `${instances.ready}/${instances.wanted} instances ready`,
    ...(isHolding ? ['requests wait'] : []),
    ...(address === null ? [] : [`clients at ${address}`]),
  ].join(' · ');
}

function sharesText({ weightBasisPoints }: TrafficView, version: string, before: string | null): string {
  const percent = weightBasisPoints / 100;
  if (weightBasisPoints === ALL_TRAFFIC) return `${version} gets all traffic`;
  if (before === null) return `${version} gets ${percent === 0 ? 'no' : `${percent} % of the`} traffic`;
  return percent === 0
    ? `${before} gets all traffic`
    : `${version} gets ${percent} % of the traffic, ${before} the rest`;
}

/** `wait until 4 new instances are ready: 3 of 4`. */
export function readiness(step: VerifyStep, traffic: TrafficView | null): string {
  if (traffic === null) return '';
  const until = step.replicas.at(-1) ?? 0;
  return `: ${Math.min(traffic.instances.ready, until)} of ${until}`;
}

/** A release on its way back, as far as it was seen. */
export function describeTrafficBack({ status, events, plan }: RunFacts, clock: Clock): string {
  const deadline = wayBackDeadline(events, plan);
  const until = deadline === null ? '' : `; given up ${tellTime(deadline, clock)}`;
  const { traffic } = viewOf(status);
  const before = traffic?.before ?? null;
  if (before === null) return `rolling back: nothing was in use before, the new instances go${until}`;
  const isBack = traffic?.weightBasisPoints === 0;
  const what = isBack ? `${before.version} gets all traffic again` : `all traffic goes back to ${before.version}`;
  return `rolling back: ${what}${until}`;
}

const viewOf = ({ row }: RunFacts['status']) => ({ traffic: row.view?.traffic ?? null });

/** How to go back from where a release stands; where it has gone back, how that stands. */
export function describeReleaseWayBack(facts: RunFacts, plan: ContainerPlan, clock: Clock): string {
  const { row } = facts.status;
  const traffic = row.view?.traffic ?? null;
  const before = traffic?.before ?? null;
  if (row.phase === 'rolled-back') return doneText(traffic);
  if (row.phase === 'rolling-back') {
    const deadline = wayBackDeadline(facts.events, plan);
    return deadline === null ? 'under way' : `under way, given up ${tellTime(deadline, clock)} at the latest`;
  }
  if (row.closed) return closedText(row.phase, before);
  if (traffic === null || (traffic.instances.started === 0 && traffic.weightBasisPoints === 0))
    return 'nothing to take back yet: no instance was started';
  const within = formatDuration(plan.environment.rollbackTimeoutMs);
  if (before === null) return `roll back: the new instances are removed, nothing was in use before; within ${within}`;
  const still =
    before.instances === 0 ? 'its instances are started again' : `${counted(before.instances, 'instance')} still run`;
  return `roll back: all traffic to ${before.version} (release ${before.release}, ${still}), within ${within}`;
}

function doneText(traffic: TrafficView | null): string {
  const before = traffic?.before ?? null;
  return before === null
    ? 'done: nothing was in use before'
    : `done: ${before.version} (release ${before.release}) serves`;
}

function closedText(phase: string, before: TrafficView['before']): string {
  if (phase !== 'completed') return 'nothing more to take back by this run';
  if (before === null) return 'nothing was in use before: there is no release to go back to';
  return `to ${before.version} (release ${before.release}) by a rollback of the application`;
}

/** The command that takes a completed release back; null where there is nothing before it. */
export function rollbackOfApplication({ status: { row } }: RunFacts, plan: ContainerPlan): string | null {
  if (row.phase !== 'completed' || !row.view?.traffic?.before) return null;
  const place = `--application ${plan.application.name} --environment ${plan.environment.name}`;
  return `sluice deploy rollback ${place} --reason "…"`;
}
