import { findPlan, insertPlan, type StoredPlan } from '../../../activities/adapters/postgres/plans.ts';
import { readKeptReleases } from '../../../activities/adapters/postgres/releases-of-applications.ts';
import { readRun } from '../../../activities/adapters/postgres/runs.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { PlanId, RunId } from '#domain/ids.ts';
import type { StartRollbackInput } from '#domain/ports/emergency.port.ts';
import type { EngineDeps } from '../engine.ts';
import { loadConfiguration } from '../environments/load-configuration.ts';
import { environmentNamed } from '../environments/load-environment.ts';
import { repeatableWrite } from '../environments/repeatable-write.ts';
import { patientRead } from '../patient-read.ts';
import { startPlan } from '../runs/execute-plan.ts';
import { readWorkflowEnd } from '../runs/workflow-end.ts';
import { storedRollback } from './stored-rollback.ts';

/** More releases of one application than any environment keeps. */
const MOST_RELEASES = 10_000;

/**
 * Starts a rollback run whose ids were chosen before: called again, by whomever, it starts nothing a second time. A run that
 * was never started although its row is old is left to who puts such rows away; whoever waits for the run sees it closed.
 * Throws ENVIRONMENT_UNKNOWN, RELEASE_UNKNOWN, and as `startPlan`.
 */
export async function startRollback(deps: EngineDeps, input: StartRollbackInput): Promise<void> {
  const { startedBy, queue } = input;
  const run = input.run as RunId;
  const present = await patientRead(deps, (pool) => readRun(pool, run));
  if (present?.closed === true) return;
  if (present && (await readWorkflowEnd(await deps.temporal(), present.workflowId)).kind !== 'missing') return;
  const stored = await repeatableWrite(deps, (pool) => planOnce(pool, input));
  const { by: name, via, verified, reason } = startedBy;
  await startPlan(deps, stored, {
    ...{ run, via, queue, reason, priority: 'rollback' },
    person: { name, verified, roles: [] },
  });
}

/** As it was made by an earlier try, if there was one: its digest is what the run is bound to. */
async function planOnce(pool: Pool, input: StartRollbackInput): Promise<StoredPlan> {
  const planId = input.planId as PlanId;
  const made = await findPlan(pool, planId);
  if (made) return made;
  const { environment: name, application, release, startedBy } = input;
  const environment = environmentNamed(await loadConfiguration(pool), name);
  const kept = await readKeptReleases(pool, { environment: name, application }, MOST_RELEASES);
  const target = kept.find((one) => one.release === release);
  if (!target) throw sluiceError('RELEASE_UNKNOWN', { application, environment: name, wanted: String(release) });
  const { by, reason } = startedBy;
  const stored = storedRollback({ planId, environment, kept, target, by, reason });
  await insertPlan(pool, stored);
  return (await findPlan(pool, planId)) ?? stored;
}
