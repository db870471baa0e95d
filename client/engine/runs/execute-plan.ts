import { ulid } from 'ulid';
import { inTransaction, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import { lockPlan, type StoredPlan } from '../../../activities/adapters/postgres/plans.ts';
import { closeRun, insertRun, readHolder, type RunRow } from '../../../activities/adapters/postgres/runs.ts';
import { SluiceError, sluiceError } from '#domain/errors/failure.ts';
import { workflowIdOf, type PlanId, type RunId } from '#domain/ids.ts';
import { standing, type JudgedDecision } from '#domain/plan/early-decisions.ts';
import { runPlanOf } from '#domain/plan/run-plan.ts';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import type { RunInput } from '#domain/run/run-input.ts';
import type { EngineDeps, Person } from '../engine.ts';
import { repeatableWrite } from '../environments/repeatable-write.ts';
import { plainText } from '../plain-text.ts';
import { loadPlan } from '../plans/load-plan.ts';
import { waitForPart } from '../wait-for-part.ts';
import { closeRow, findEnding } from './close-row.ts';
import type { Ending } from './final-entry.ts';
import { earlyDecisions, refuseAgainstRules } from './start-rules.ts';
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
  /** Approvals given before the start that do not count any more. */
  readonly notes: readonly string[];
}

/**
 * Starts a run of a plan; it goes on by itself from here. Throws PLAN_NOT_FOUND, PLAN_STALE, DEPLOYMENT_WINDOW_CLOSED,
 * DEPLOYMENT_IN_PROGRESS naming the holder of the environment, STACK_NOT_RUNNING when nothing was started, or
 * COMMAND_UNANSWERED naming the run when Temporal left while it was started. USAGE for a reason that no terminal can show.
 */
export async function executePlan(deps: EngineDeps, wish: ExecuteWish): Promise<StartedRun> {
  plainText(wish.reason ?? '', '--reason');
  const stored = await loadPlan(deps, wish.planId);
  const { plan, digest } = stored;
  await refuseAgainstRules(deps, stored);
  // Before the environment is taken, so that a missing server leaves nothing behind.
  const client = await deps.temporal();
  const run = `exe_${ulid()}` as RunId;
  const insertedAtMs = await takeEnvironment(deps, { run, stored, by: wish.person.name });
  try {
    // Read after the environment was taken: an approval on the plan is now either here or sent to the run.
    const early = await earlyDecisions(deps, plan);
    const server = { client, address: deps.settings.temporalAddress };
    await startRun(server, { ...inputOf(run, stored, wish), decisions: standing(early) }, insertedAtMs);
    const started = { run, workflowId: workflowIdOf(run), planId: plan.planId, digest };
    return { ...started, environment: plan.environment.name, notes: early.flatMap(lapseNote) };
  } catch (error) {
    await noteRefusedStart(deps, run, error);
    throw error;
  }
}

function lapseNote({ decision: { by, at }, lapsed }: JudgedDecision): string[] {
  return lapsed === null ? [] : [`the approval of ${by} at ${at} does not count: ${lapsed}`];
}

interface Taking {
  readonly run: RunId;
  readonly stored: StoredPlan;
  readonly by: string;
}

/**
 * Writes the run's row: the environment is then its own. A holder that is surely over is put away first. A database that
 * leaves meanwhile is waited for. The result is `performance.now()` of a moment before the row was written.
 */
async function takeEnvironment(deps: EngineDeps, taking: Taking): Promise<number> {
  const beganMs = performance.now();
  return repeatableWrite(deps, async (pool) => {
    const triedMs = performance.now();
    const taken = (await tryToTake(pool, taking)) ?? (await takeFromHolder(deps, pool, taking));
    return taken === 'now' ? triedMs : beganMs;
  });
}

/** `before`: an earlier try was committed, although the database left before it could say so. */
type Taken = 'now' | 'before';

async function takeFromHolder(deps: EngineDeps, pool: Pool, taking: Taking): Promise<Taken> {
  const environment = taking.stored.plan.environment.name;
  const holder = await readHolder(pool, environment);
  const ending = holder && (await findHolderEnding(deps, holder));
  if (holder && ending) await closeRow(deps, holder.run, { ending, view: holder.view });
  const taken = await tryToTake(pool, taking);
  if (taken !== null) return taken;
  const still = (await readHolder(pool, environment)) ?? holder;
  const phase = still?.phase ?? 'starting';
  throw sluiceError('DEPLOYMENT_IN_PROGRESS', { environment, holder: still?.run ?? 'another run', phase });
}

function findHolderEnding(deps: EngineDeps, holder: RunRow): Promise<Ending | null> {
  const { temporalAddress: address, waitForPartMs: forMs } = deps.settings;
  const isPassing = (error: unknown): boolean => readCallFailure(error).kind === 'unreachable';
  return waitForPart({ part: 'Temporal', address, forMs, note: () => undefined, isPassing }, () =>
    findEnding(deps, holder),
  );
}

async function tryToTake(pool: Pool, { run, stored, by }: Taking): Promise<Taken | null> {
  const { planId, kind, environment } = stored.plan;
  const isNew = await inTransaction(pool, async (connection) => {
    // An approval on the plan is committed before, and read by the start, or comes after and is sent to the run.
    await lockPlan(connection, planId);
    const workflowId = workflowIdOf(run);
    return insertRun(connection, { run, workflowId, planId, environment: environment.name, kind, startedBy: by });
  });
  if (isNew) return 'now';
  return (await readHolder(pool, environment.name))?.run === run ? 'before' : null;
}

function inputOf(
  run: RunId,
  { plan, digest }: StoredPlan,
  { person, reason }: ExecuteWish,
): Omit<RunInput, 'decisions'> {
  const { fleet, telemetry, data } = DEFAULT_QUEUES;
  const { name: by, verified } = person;
  const startedBy = { by, via: 'cli', verified, reason: reason?.trim() ? reason : 'no reason given' };
  return { schema: 1, run, plan: runPlanOf(plan), digest, startedBy, queues: { fleet, telemetry, data } };
}

/** A start that the server refused gives the environment back at once; one that it may have taken is left to the reconciler. */
async function noteRefusedStart(deps: EngineDeps, run: RunId, error: unknown): Promise<void> {
  if (error instanceof SluiceError && error.code === 'COMMAND_UNANSWERED') return;
  const end = { phase: 'failed', at: new Date().toISOString(), view: null } as const;
  const close = async (): Promise<void> =>
    inTransaction(await deps.database(), (connection) => closeRun(connection, run, end));
  // Without a database the row is left to the reconciler, too; the refusal itself is what the person has to hear.
  await close().catch(() => undefined);
}
