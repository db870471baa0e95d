// What runs leave behind in the database, whatever came of them.
import { insertPlan } from '../../../activities/adapters/postgres/plans.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import { lockOf } from '#domain/plan/plan-subject.ts';
import type { Plan } from '#domain/plan/plan.ts';
import { isClosed, type Phase } from '#domain/run/run-state.ts';
import { planDigest } from '../../../client/engine/plans/digest.ts';

let starts = 0;

/** Writes the row of a run of `plan` that is in `phase`; each was started after the one before. */
export async function insertRunOf(pool: Pool, plan: Plan, run: string, phase: Phase): Promise<void> {
  starts += 1;
  await insertPlan(pool, { plan, digest: planDigest(plan) });
  await pool.query(
    `insert into runs (run_id, workflow_id, plan_id, environment, subject, kind, phase, closed, started_by, started_at)
     values ($1, $1, $2, $3, $4, $5, $6, $7, 'lin', now() - interval '1 day' + make_interval(secs => $8))`,
    [run, plan.planId, plan.environment.name, lockOf(plan), plan.kind, phase, isClosed(phase), starts],
  );
}
