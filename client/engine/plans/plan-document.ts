import type { PlanSummary } from '../../../activities/adapters/postgres/plans.ts';
import type { Tally } from '#domain/approvals/approval.ts';
import type { Plan } from '#domain/plan/plan.ts';
import { promotionDocument } from '../promotions/promotion-document.ts';
import type { ApprovedPlan } from './approve-plan.ts';
import type { CreatedPlan } from './create-plan.ts';
import type { DescribedPlan } from './describe-plan.ts';

type Document = Record<string, unknown>;

/** What `plan create` says to programs. */
export function createdDocument({ plan, digest, notes }: CreatedPlan): Document {
  return {
    plan_id: plan.planId,
    digest,
    name: plan.name,
    target_environment: plan.environment.name,
    ...deliveredDocument(plan),
    strategy: plan.strategy.kind,
    approval_required: plan.steps.some((step) => step.kind === 'approve'),
    notes,
  };
}

function deliveredDocument(plan: Plan): Document {
  if (plan.kind === 'fleet-rollout') {
    const { firmware, selection } = plan;
    return { firmware: firmware.name, firmware_version: firmware.version, devices: selection.devices };
  }
  if (plan.kind === 'joint-release') {
    const applications = plan.members.map(({ application, version, wave }) => ({ name: application, version, wave }));
    return { release: plan.release.name, applications };
  }
  const { name, version, image, replicas } = plan.application;
  return { application: name, version, image: image.image, digest_of_image: image.digest, pin: image.pin, replicas };
}

export function summaryDocument(plan: PlanSummary): Document {
  return {
    plan_id: plan.planId,
    name: plan.name,
    target_environment: plan.environment,
    ...subjectDocument(plan),
    strategy: plan.strategy,
    author: plan.author,
    digest: plan.digest,
    created_at: plan.createdAt,
    approvals: plan.approvals,
  };
}

function subjectDocument({ kind, subject, version }: PlanSummary): Document {
  if (kind === 'joint-release') return { release: subject };
  return kind === 'container-release'
    ? { application: subject, version }
    : { firmware: subject, firmware_version: version };
}

/** The whole plan: `plan` is the very document that the digest covers. */
export function planDocument({ plan, digest, decisions, approval }: DescribedPlan): Document {
  return {
    plan_id: plan.planId,
    digest,
    name: plan.name,
    target_environment: plan.environment.name,
    promoted_from: promotionDocument(plan.promotedFrom),
    approval: approval && { ...tallyDocument(approval.tally), role: approval.step.policy.role, able: approval.able },
    decisions: decisions.map(({ decision: { by, decision, comment, at, verified }, lapsed }) => {
      return { by, decision, comment, at, verified, lapsed };
    }),
    plan,
  };
}

export function approvedDocument({ plan, digest, decision, tally }: ApprovedPlan): Document {
  const { by, at, comment, verified } = decision;
  return { plan_id: plan.planId, digest, decision: { by, at, comment, verified }, ...tallyDocument(tally) };
}

const tallyDocument = (tally: Tally): Document => ({
  approved: tally.kind === 'approved',
  missing: tally.kind === 'waiting' ? tally.missing : 0,
});
