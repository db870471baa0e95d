import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { sluiceError } from '#domain/errors/failure.ts';
import { isPlanId } from '#domain/ids.ts';
import type { ContainerPlan } from '#domain/plan/container-plan.ts';
import type { FleetPlan, Plan } from '#domain/plan/plan.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import { findPlan } from '../adapters/postgres/plans.ts';
import type { Pool } from '../adapters/postgres/pool.ts';

/**
 * The plan of a run, and no other: its text has the digest that was approved. Throws PLAN_NOT_FOUND, and
 * PLAN_DIGEST_MISMATCH when another plan, or an altered one, stands under its id.
 */
export async function approvedPlan(pool: Pool, { planId, digest }: RunRef): Promise<Plan> {
  const stored = isPlanId(planId) ? await findPlan(pool, planId) : null;
  if (!stored) throw sluiceError('PLAN_NOT_FOUND', { plan: planId });
  const found = createHash('sha256')
    .update(canonicalize(stored.plan) ?? '', 'utf8')
    .digest('hex');
  if (found !== digest) throw sluiceError('PLAN_DIGEST_MISMATCH', { plan: planId, expected: found, got: digest });
  return stored.plan;
}

/** The same for a run of devices. Throws PLAN_NOT_UNDERSTOOD when the plan is for something else. */
export async function approvedFleetPlan(pool: Pool, ref: RunRef): Promise<FleetPlan> {
  const plan = await approvedPlan(pool, ref);
  return plan.kind === 'fleet-rollout' ? plan : refuseKind(plan, 'devices');
}

/** The same for a run of containers. Throws PLAN_NOT_UNDERSTOOD when the plan is for something else. */
export async function approvedContainerPlan(pool: Pool, ref: RunRef): Promise<ContainerPlan> {
  const plan = await approvedPlan(pool, ref);
  return plan.kind === 'container-release' ? plan : refuseKind(plan, 'containers');
}

function refuseKind({ planId, kind }: Plan, wanted: string): never {
  throw sluiceError('PLAN_NOT_UNDERSTOOD', { plan: planId, why: `it is a ${kind}, not for ${wanted}` });
}
