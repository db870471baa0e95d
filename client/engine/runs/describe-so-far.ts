import { describeMembers } from './describe-members.ts';
import { describeTraffic } from './describe-traffic.ts';
import { describeWavesSoFar } from './describe-waves.ts';
import type { RunFacts } from './run-facts.ts';

/** What a run has brought about: devices that ended, who gets the traffic, or how its applications stand. */
export function describeSoFar({ status, plan }: Pick<RunFacts, 'status' | 'plan'>): string {
  const { view } = status.row;
  if (plan.kind === 'joint-release') return describeMembers(view?.members ?? []);
  return plan.kind === 'container-release' ? describeTraffic(view?.traffic ?? null, plan) : describeWavesSoFar(status);
}
