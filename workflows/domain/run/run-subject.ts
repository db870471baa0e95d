import { waveLabel } from '../fleet/waves.ts';
import type { ContainerPlan } from '../plan/container-plan.ts';
import type { JointPlan } from '../plan/joint-plan.ts';
import type { FleetPlan } from '../plan/plan.ts';
import type { RunPlan } from '../plan/run-plan.ts';
import type { MemberView, RunSubject, TrafficView, WaveView } from './run-view.ts';

type Delivering =
  | Pick<FleetPlan, 'kind' | 'firmware'>
  | Pick<ContainerPlan, 'kind' | 'application'>
  | Pick<JointPlan, 'kind' | 'release'>;

/** What a plan delivers. */
export function subjectOf(plan: Delivering): RunSubject {
  if (plan.kind === 'fleet-rollout') {
    return { kind: 'firmware', name: plan.firmware.name, version: plan.firmware.version };
  }
  if (plan.kind === 'joint-release') return { kind: 'release', ...plan.release };
  return { kind: 'application', name: plan.application.name, version: plan.application.version };
}

/** The waves of a plan before any was offered; none where it is no fleet. */
export function wavesOf(plan: RunPlan): WaveView[] {
  if (plan.kind !== 'fleet-rollout') return [];
  return plan.waves.map((wave, index) => ({ wave: index + 1, label: waveLabel(wave), state: 'waiting', counts: null }));
}

/** The applications of a release before any was begun; none where it is none of several. */
export function firstMembers(plan: RunPlan): MemberView[] {
  if (plan.kind !== 'joint-release') return [];
  const begun = { state: 'waiting', run: null, back: null, detail: '' } as const;
  return plan.members.map(({ application, version, wave }) => ({ application, version, wave, ...begun }));
}

/** Who serves as far as the plan knows; null where it is no single application. */
export function firstTraffic(plan: RunPlan): TrafficView | null {
  if (plan.kind !== 'container-release') return null;
  const { application, present } = plan;
  return {
    release: null,
    before: present && { release: present.release, version: present.version, instances: present.replicas },
    weightBasisPoints: 0,
    instances: { wanted: application.replicas, started: 0, ready: 0 },
    isHolding: false,
    address: null,
  };
}
