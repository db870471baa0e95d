import type { WaveTally } from '../../../activities/adapters/postgres/run-counts.ts';
import { counted } from '#domain/counted.ts';
import type { FleetPlan } from '#domain/plan/plan.ts';
import { formatDuration } from '#domain/time.ts';
import { tellTime, type Clock } from './clock.ts';
import { wayBackDeadline } from './deadlines.ts';
import { describeJointWayBack } from './describe-members.ts';
import { describeReleaseWayBack } from './describe-traffic.ts';
import type { RunFacts } from './run-facts.ts';

/** How to go back from where a run stands; where it has gone back, how that stands. */
export function describeWayBack(facts: RunFacts, clock: Clock): string {
  const { plan } = facts;
  if (plan.kind === 'container-release') return describeReleaseWayBack(facts, plan, clock);
  return plan.kind === 'joint-release' ? describeJointWayBack(facts, plan) : describeFleetWayBack(facts, plan, clock);
}

function describeFleetWayBack({ status, events }: RunFacts, plan: FleetPlan, clock: Clock): string {
  const { row, waves, wayBack } = status;
  const touched = touchedBy(waves);
  if (row.phase === 'rolled-back')
    return `done: ${counted(wayBack.returned, 'device')} confirmed their previous firmware`;
  if (row.phase === 'rolling-back') {
    const deadline = wayBackDeadline(events, plan);
    return deadline === null ? 'under way' : `under way, given up ${tellTime(deadline, clock)} at the latest`;
  }
  if (touched === 0)
    return row.closed ? 'nothing to take back' : 'nothing to take back yet: no device was offered the firmware';
  if (row.closed)
    return `a new plan with the version before (${earlierVersions(plan)}): sluice plan create --config FILE`;
  const within = formatDuration(plan.environment.rollbackTimeoutMs);
  return `roll back: ${counted(touched, 'device')} to their own previous firmware (${earlierVersions(plan)}), within ${within}`;
}

/** Devices that are, or may be, on the new version: none of those that were only staged. */
const touchedBy = (waves: readonly WaveTally[]): number =>
  waves.reduce((sum, { operation, counts }) => sum + (operation === 'stage' ? 0 : counts.offered - counts.queued), 0);

function earlierVersions({ selection, firmware }: FleetPlan): string {
  const versions = (selection.present ?? [])
    .map((one) => one.firmware)
    .filter((version) => version !== firmware.version);
  return versions.join(', ') || 'each its own';
}
