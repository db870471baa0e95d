import type { ApprovalPolicy } from '../approvals/approval.ts';
import { counted } from '../counted.ts';
import type { ContainerPlan } from '../plan/container-plan.ts';
import { firstApproval } from '../plan/first-approval.ts';
import type { JointPlan, PlannedMember } from '../plan/joint-plan.ts';
import type { ApproveStep, DeployStep, Step } from '../plan/steps.ts';
import type { Orderable } from './order.ts';

/** A member with its own plan, in the order in which it goes out. */
export interface DraftedMember extends Orderable {
  readonly plan: ContainerPlan;
  readonly digest: string;
  /** 1-based. */
  readonly wave: number;
  readonly needs: readonly string[];
}

/** What a release's plan says of a member. */
export function plannedMember({ plan, digest, wave, needs, critical }: DraftedMember): PlannedMember {
  const { application, present, strategy } = plan;
  return {
    application: application.name,
    version: application.version,
    planId: plan.planId,
    digest,
    wave,
    needs,
    critical,
    strategy: strategy.kind,
    replicas: application.replicas,
    before: present && { release: present.release, version: present.version },
  };
}

/**
 * The strictest of what the members and the rules for releases ask of approvals; null where nobody is asked. One word covers
 * all members, so it has to satisfy each of them.
 */
export function jointApproval(
  members: readonly Pick<ContainerPlan, 'steps'>[],
  floor: { readonly policy: ApprovalPolicy; readonly isRequired: boolean },
): ApprovalPolicy | null {
  const asked = members.flatMap((plan) => firstApproval(plan)?.policy ?? []);
  const policies = floor.isRequired ? [floor.policy, ...asked] : asked;
  const [first] = policies;
  if (first === undefined) return null;
  const limits = policies.flatMap(({ expiresInMs }) => expiresInMs ?? []);
  return {
    quorum: Math.max(...policies.map(({ quorum }) => quorum)),
    role: first.role,
    expiresInMs: limits.length === 0 ? null : Math.min(...limits),
  };
}

/** Approval first, then wave by wave. */
export function jointSteps(
  members: readonly PlannedMember[],
  approval: { readonly policy: ApprovalPolicy; readonly name: string } | null,
): Step[] {
  const waves = [...Map.groupBy(members, ({ wave }) => wave).entries()];
  const approve: ApproveStep[] =
    approval === null
      ? []
      : [{ kind: 'approve', id: 'approve', opens: `release ${approval.name}`, policy: approval.policy }];
  const deploy = waves.map(([wave, of]): DeployStep => {
    return { kind: 'deploy', id: `wave-${wave}`, wave, waves: waves.length, members: of.map((one) => one.application) };
  });
  return [...approve, ...deploy];
}

/** How many applications a release brings, where others have a version. */
export const versionOf = (members: readonly unknown[]): JointPlan['release']['version'] =>
  counted(members.length, 'application');
