import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { sluiceError } from '#domain/errors/failure.ts';
import { isPlanId } from '#domain/ids.ts';
import type { Plan } from '#domain/plan/plan.ts';
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
