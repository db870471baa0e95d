// Runs of many applications in several environments, parked as runs park: most wait for people, some bake, the rest queue behind those.
import { ulid } from 'ulid';
import type { PlanId } from '#domain/ids.ts';
import type { ContainerPlan } from '#domain/plan/container-plan.ts';
import { insertPlan, type StoredPlan } from '../../../activities/adapters/postgres/plans.ts';
import type { EngineDeps, Person } from '../../../client/engine/engine.ts';
import { applyConfiguration } from '../../../client/engine/environments/apply-configuration.ts';
import { planDigest } from '../../../client/engine/plans/digest.ts';
import { startPlan } from '../../../client/engine/runs/execute-plan.ts';
import { aReleasePlan } from '../../support/runs/container-plan-builder.ts';
import { DAY_MS } from '../../support/runs/plan-builder.ts';

export const STARTER: Person = { name: 'lin', roles: [], verified: false };
export const APPROVER: Person = { name: 'ada', roles: ['approver'], verified: false };
const POLICY = { quorum: 1, role: 'approver', expiresInMs: null };

/** So many starts are under way at once. */
const STARTS_AT_ONCE = 10;
/** As often as a run's watch looks once it is ten minutes old. */
const LOOK_EVERY_MS = 30_000;
const BAKE_MS = 30 * DAY_MS;

/** `approval`: waits for people before its first effect. `bake`: all traffic moved, watched for a month. `short`: one effect, then its end. */
export type Shape = 'approval' | 'bake' | 'short';

export interface Wanted {
  readonly environment: string;
  readonly shape: Shape;
}

export interface Started extends Wanted {
  readonly run: string;
  readonly workflowId: string;
}

export async function applyEnvironments(deps: EngineDeps, names: readonly string[]): Promise<void> {
  const one = { target: 'docker', stage: 'testing', auto_rollback: true, max_concurrent_deployments: 5 };
  const environments = Object.fromEntries(names.map((name) => [name, one]));
  const content = JSON.stringify({ environments });
  await applyConfiguration(deps, { by: STARTER.name, file: { name: 'bench.json', content } });
}

/** Plans all of them, then starts them as the command line does, in this order; `perSecond` counts the starts alone. */
export async function startAll(
  deps: EngineDeps,
  wanted: readonly Wanted[],
): Promise<{ readonly runs: readonly Started[]; readonly perSecond: number }> {
  const pool = await deps.database();
  const stored = await inTurns(wanted, async (one) => {
    const plan = planOf(one);
    const made = { plan, digest: planDigest(plan) };
    await insertPlan(pool, made);
    return made;
  });
  const beganAt = performance.now();
  const runs = await inTurns(stored, async (one, at) =>
    started(deps, one, wanted[at] ?? { environment: '', shape: 'short' }),
  );
  return { runs, perSecond: runs.length / ((performance.now() - beganAt) / 1_000) };
}

async function started(deps: EngineDeps, stored: StoredPlan, wanted: Wanted): Promise<Started> {
  const { run, workflowId } = await startPlan(deps, stored, { person: STARTER });
  return { ...wanted, run, workflowId };
}

function planOf({ environment, shape }: Wanted): ContainerPlan {
  const approval = shape === 'approval' ? POLICY : null;
  const plan = aReleasePlan({ steps: { approval, bakeMs: BAKE_MS } });
  const application = { ...plan.application, name: `app-${ulid().toLowerCase()}` };
  return {
    ...plan,
    planId: `plan_${ulid()}` as PlanId,
    author: STARTER.name,
    environment: { ...plan.environment, name: environment, stage: 'testing' },
    application,
    watch: { ...plan.watch, everyMs: LOOK_EVERY_MS },
    ...(shape === 'short' && { steps: [{ kind: 'pull', id: 'pull' }] as const }),
  };
}

/** In order, a fixed number at once. */
async function inTurns<Item, Result>(
  items: readonly Item[],
  work: (item: Item, at: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) {
      const item = items[at];
      if (item !== undefined) results[at] = await work(item, at);
    }
  };
  await Promise.all(Array.from({ length: STARTS_AT_ONCE }, lane));
  return results;
}
