import { ulid } from 'ulid';
import { inTransaction, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import { closeRun, insertRun, readHolder } from '../../../activities/adapters/postgres/runs.ts';
import { describeWindow, isOpen, nextOpening } from '#domain/environments/window.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { workflowIdOf, type PlanId, type RunId } from '#domain/ids.ts';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import type { RunInput } from '#domain/run/run-input.ts';
import type { EngineDeps, Person } from '../engine.ts';
import { loadEnvironment } from '../environments/load-environment.ts';
import { loadPlan, type StoredPlan } from '../plans/load-plan.ts';
import { reconcileRun } from './reconcile-journal.ts';
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
    await startRun(client, inputOf(run, stored, wish), insertedAtMs);
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
async function takeEnvironment(deps: EngineDeps, { run, stored, by }: Taking): Promise<void> {
  const pool = await deps.database();
  const { planId, kind, environment } = stored.plan;
  const row = { run, workflowId: workflowIdOf(run), planId, environment: environment.name, kind, startedBy: by };
  if (await insertRun(pool, row)) return;
  const holder = await readHolder(pool, environment.name);
  if (holder) await reconcileRun(deps, holder);
  if (await insertRun(pool, row)) return;
  const still = (await readHolder(pool, environment.name)) ?? holder;
  const phase = still?.phase ?? 'starting';
  throw sluiceError('DEPLOYMENT_IN_PROGRESS', { environment: environment.name, holder: still?.run ?? 'a run', phase });
}

function inputOf(run: RunId, { plan, digest, decisions }: StoredPlan, { person, reason }: ExecuteWish): RunInput {
  const { fleet, telemetry, data } = DEFAULT_QUEUES;
  const startedBy = { by: person.name, via: 'cli', reason: reason?.trim() ? reason : 'no reason given' };
  return { schema: 1, run, plan, digest, startedBy, decisions, queues: { fleet, telemetry, data } };
}

/** A start that the server refused gives the environment back at once; one that it may have taken is left to the reconciler. */
async function noteRefusedStart(pool: Pool, run: RunId, error: unknown): Promise<void> {
  if (readCallFailure(error).kind === 'unreachable') return;
  const end = { phase: 'failed', at: new Date().toISOString(), view: null } as const;
  await inTransaction(pool, (connection) => closeRun(connection, run, end));
}
