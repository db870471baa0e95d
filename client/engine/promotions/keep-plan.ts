import { isDeepStrictEqual } from 'node:util';
import { inTransaction } from '../../../activities/adapters/postgres/pool.ts';
import { insertPlan, type StoredPlan } from '../../../activities/adapters/postgres/plans.ts';
import { lockPromotions, unusedPromotions } from '../../../activities/adapters/postgres/promotions.ts';
import type { Plan } from '#domain/plan/plan.ts';
import type { EngineDeps } from '../engine.ts';
import { repeatableWrite } from '../environments/repeatable-write.ts';
import { planDigest } from '../plans/digest.ts';

export interface KeptPlan {
  readonly stored: StoredPlan;
  /** It was made before and never ran, with whatever was approved of it. */
  readonly isFromBefore: boolean;
}

/**
 * Stores the plan of a promotion, or finds the one that says the same and was never started: whoever died between plan and
 * start, or only planned, goes on where they were.
 */
export function keepPlan(deps: EngineDeps, plan: Plan): Promise<KeptPlan> {
  const fresh: StoredPlan = { plan, digest: planDigest(plan) };
  const from = plan.promotedFrom;
  return repeatableWrite(deps, (pool) =>
    inTransaction(pool, async (connection) => {
      await lockPromotions(connection, plan);
      const place = { environment: plan.environment.name, author: plan.author };
      const unused = from === undefined ? [] : await unusedPromotions(connection, { ...place, from });
      const same = unused.find((one) => one.plan.planId !== plan.planId && isSame(one.plan, plan));
      if (same) return { stored: same, isFromBefore: true };
      await insertPlan(connection, fresh);
      return { stored: fresh, isFromBefore: false };
    }),
  );
}

/** In everything but when it was made, and its number. */
const isSame = (one: Plan, other: Plan): boolean => isDeepStrictEqual(essence(one), essence(other));

const essence = ({ planId: _planId, createdAt: _createdAt, ...plan }: Plan): unknown =>
  JSON.parse(JSON.stringify(plan));
