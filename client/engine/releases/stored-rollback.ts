import type { StoredPlan } from '../../../activities/adapters/postgres/plans.ts';
import type { KeptRelease } from '../../../activities/adapters/postgres/releases-of-applications.ts';
import type { Environment } from '#domain/environments/environment.ts';
import type { PlanId } from '#domain/ids.ts';
import type { ContainerPlan } from '#domain/plan/container-plan.ts';
import { rollbackPlan } from '#domain/plan/rollback-plan.ts';
import { planDigest } from '../plans/digest.ts';

interface RollbackTo {
  readonly planId: PlanId;
  readonly environment: Environment;
  /** The releases of the application that were stable, the one in use among them. */
  readonly kept: readonly KeptRelease[];
  readonly target: KeptRelease;
  readonly by: string;
  readonly reason: string;
}

/** The plan of a way back to `target`, as of now. */
export function storedRollback({
  planId,
  environment,
  kept,
  target,
  by,
  reason,
}: RollbackTo): StoredPlan<ContainerPlan> {
  const { name, stage, autoRollback, rollbackTimeoutMs } = environment;
  const current = kept.find(({ state }) => state === 'stable') ?? null;
  const plan = rollbackPlan({
    planId,
    author: by,
    createdAt: new Date().toISOString(),
    environment: { name, stage, autoRollback, rollbackTimeoutMs },
    reason,
    target: { release: target.release, application: target.spec },
    present: current && {
      release: current.release,
      version: current.version,
      digest: current.digest,
      replicas: current.spec.replicas,
    },
  });
  return { plan, digest: planDigest(plan) };
}
