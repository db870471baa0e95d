import { ulid } from 'ulid';
import { inTransaction, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import { lockPlan, type StoredPlan } from '../../../activities/adapters/postgres/plans.ts';
import { closeRun, insertRun, readHolder } from '../../../activities/adapters/postgres/runs.ts';
import { describeWindow, isOpen, nextOpening } from '#domain/environments/window.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { workflowIdOf, type PlanId, type RunId } from '#domain/ids.ts';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import type { RunInput } from '#domain/run/run-input.ts';
import type { EngineDeps, Person } from '../engine.ts';
import { loadEnvironment } from '../environments/load-environment.ts';
import { listPlanDecisions, loadPlan } from '../plans/load-plan.ts';
import { closeRow, findEnding } from './close-row.ts';
import { startRun } from './start-run.ts';
import { readCallFailure } from './temporal-errors.ts';

export interface ExecuteWish {
  readonly planId: string;
  readonly person: Person;
  readonly reason?: string | undefined;
}

export interface StartedRun {
  readonly run: RunId;
  readonly workflowId: string;
  readonly planId: PlanId;
  readonly digest: string;
  readonly environment: string;
}

/**
 * Starts a run of a plan; it goes on by itself from here. Throws PLAN_NOT_FOUND, DEPLOYMENT_WINDOW_CLOSED,
 * DEPLOYMENT_IN_PROGRESS naming the holder of the environment, or STACK_NOT_RUNNING.
 */
export async function executePlan(deps: EngineDeps, wish: ExecuteWish): Promise<StartedRun> {
  const stored = await loadPlan(deps, wish.planId);
  const { plan, digest } = stored;
  await refuseOutsideWindow(deps, plan.environment.name);
  // Before the environment is taken, so that a missing server leaves nothing behind.
  const client = await deps.temporal();
  const run = `exe_${ulid()}` as RunId;
  const insertedAtMs = performance.now();
  await takeEnvironment(deps, { run, stored, by: wish.person.name });
  try {
    const decisions = await listPlanDecisions(deps, plan.planId);
    await startRun(client, { ...inputOf(run, stored, wish), decisions }, insertedAtMs);
  } catch (error) {
    await noteRefusedStart(await deps.database(), run, error);
    throw error;
  }
  return { run, workflowId: workflowIdOf(run), planId: plan.planId, digest, environment: plan.environment.name };
}

async function refuseOutsideWindow(deps: EngineDeps, name: string): Promise<void> {
  const { window } = await loadEnvironment(deps, name);
  const now = new Date().toISOString();
  if (window === null || isOpen(window, now)) return;
  const opensAt = nextOpening(window, now);
  throw sluiceError('DEPLOYMENT_WINDOW_CLOSED', { environment: name, window: describeWindow(window), opensAt });
}

interface Taking {
  readonly run: RunId;
  readonly stored: StoredPlan;
  readonly by: string;
}

/** Writes the run's row: the environment is then its own. A holder that is surely over is put away first. */
async function takeEnvironment(deps: EngineDeps, taking: Taking): Promise<void> {
  const pool = await deps.database();
  const environment = taking.stored.plan.environment.name;
  if (await tryToTake(pool, taking)) return;
  const holder = await readHolder(pool, environment);
  const ending = holder && (await findEnding(deps, holder));
  if (holder && ending) await closeRow(deps, holder.run, { ending, view: holder.view });
  if (await tryToTake(pool, taking)) return;
  const still = (await readHolder(pool, environment)) ?? holder;
  const phase = still?.phase ?? 'starting';
  throw sluiceError('DEPLOYMENT_IN_PROGRESS', { environment, holder: still?.run ?? 'another run', phase });
}

async function tryToTake(pool: Pool, { run, stored, by }: Taking): Promise<boolean> {
  const { planId, kind, environment } = stored.plan;
  return inTransaction(pool, async (connection) => {
    // An approval on the plan is committed before, and read by the start, or comes after and is sent to the run.
    await lockPlan(connection, planId);
    const workflowId = workflowIdOf(run);
    return insertRun(connection, { run, workflowId, planId, environment: environment.name, kind, startedBy: by });
  });
}

function inputOf(
  run: RunId,
  { plan, digest }: StoredPlan,
  { person, reason }: ExecuteWish,
): Omit<RunInput, 'decisions'> {
  const { fleet, telemetry, data } = DEFAULT_QUEUES;
  const startedBy = { by: person.name, via: 'cli', reason: reason?.trim() ? reason : 'no reason given' };
  return { schema: 1, run, plan, digest, startedBy, queues: { fleet, telemetry, data } };
}

/** A start that the server refused gives the environment back at once; one that it may have taken is left to the reconciler. */
async function noteRefusedStart(pool: Pool, run: RunId, error: unknown): Promise<void> {
  if (readCallFailure(error).kind === 'unreachable') return;
  const end = { phase: 'failed', at: new Date().toISOString(), view: null } as const;
  await inTransaction(pool, (connection) => closeRun(connection, run, end));
}
