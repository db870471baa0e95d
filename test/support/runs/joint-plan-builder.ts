// Plans of releases of several applications for workflow tests, made as the planner makes them.
import type { ApprovalPolicy } from '#domain/approvals/approval.ts';
import type { PlanId } from '#domain/ids.ts';
import { jointSteps, versionOf } from '#domain/joint-releases/settle-joint-release.ts';
import type { JointPlan, PlannedMember } from '#domain/plan/joint-plan.ts';
import { HOUR_MS } from './plan-builder.ts';

export interface JointPlanParts {
  /** Names by wave; `api`, then `web` and `worker`, then `gateway` unless a test wants others. */
  readonly waves?: readonly (readonly string[])[];
  readonly approval?: ApprovalPolicy;
  readonly plan?: Partial<JointPlan>;
}

const WAVES = [['api'], ['web', 'worker'], ['gateway']];

/** The release `v1.2.3` of applications from 1.0.0 to 2.0.0. */
export function aJointPlan({ waves = WAVES, approval, plan = {} }: JointPlanParts = {}): JointPlan {
  const members = waves.flatMap((names, at) => names.map((name) => aMember(name, at + 1)));
  return {
    schema: 1,
    planId: 'plan_joint' as PlanId,
    kind: 'joint-release',
    name: 'release v1.2.3 → production',
    description: '',
    author: 'lin',
    createdAt: '2026-01-01T00:00:00.000Z',
    environment: { name: 'production', stage: 'production', autoRollback: true, rollbackTimeoutMs: HOUR_MS },
    sourceEnvironment: null,
    release: { name: 'v1.2.3', version: versionOf(members) },
    notes: '',
    strategy: { kind: 'in-order' },
    members,
    steps: jointSteps(members, approval ? { policy: approval, name: 'v1.2.3' } : null),
    watch: {
      everyMs: 1_000,
      criteria: { maxFailureRatePercent: null, minimumExecuted: 1, onHealthCheckFailure: false },
      healthChecks: [],
    },
    overrides: [],
    ...plan,
  };
}

const aMember = (application: string, wave: number): PlannedMember => ({
  application,
  version: '2.0.0',
  planId: `plan_${application}` as PlanId,
  digest: application.padEnd(64, '0'),
  wave,
  needs: [],
  critical: false,
  strategy: 'rolling',
  replicas: 2,
  before: { release: 1, version: '1.0.0' },
});
