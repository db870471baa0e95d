import { ulid } from 'ulid';
import { insertPlan } from '../../../activities/adapters/postgres/plans.ts';
import { readKeptReleases, type KeptRelease } from '../../../activities/adapters/postgres/releases-of-applications.ts';
import { readOpenRuns, type RunRow } from '../../../activities/adapters/postgres/runs.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import type { Environment } from '#domain/environments/environment.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { PlanId } from '#domain/ids.ts';
import { KEPT_RELEASES } from '#domain/plan/settle-release.ts';
import { loadApplication } from '../applications/load-applications.ts';
import type { EngineDeps, Person } from '../engine.ts';
import { loadConfiguration } from '../environments/load-configuration.ts';
import { environmentNamed } from '../environments/load-environment.ts';
import { repeatableWrite } from '../environments/repeatable-write.ts';
import { patientRead } from '../patient-read.ts';
import { plainText } from '../plain-text.ts';
import { expectTarget } from '../plans/expect-target.ts';
import { commandRun } from '../runs/command-run.ts';
import { startPlan, type StartedRun } from '../runs/execute-plan.ts';
import type { CommandAnswer } from '../runs/send-command.ts';
import { inProgress } from '../runs/supersede-run.ts';
import { chooseRelease } from './choose-release.ts';
import { storedRollback } from './stored-rollback.ts';

export interface RollbackOfApplication {
  readonly application: string;
  readonly environment: string;
  /** A version, or the number of a release; undefined means the one before. */
  readonly to: string | undefined;
  readonly reason: string;
  readonly person: Person;
}

export type RolledBack =
  /** The open run of the application was told to go back. */
  | { readonly kind: 'told'; readonly answer: CommandAnswer }
  /** A run that brings the earlier release back was started. */
  | { readonly kind: 'started'; readonly started: StartedRun; readonly target: KeptRelease };

/**
 * Takes an application back: by its open run, if there is one, else by a run of its own to one of the last stable releases,
 * without approval and whatever the window. Throws REASON_REQUIRED, APPLICATION_UNKNOWN, ENVIRONMENT_UNKNOWN,
 * PLAN_TARGET_MISMATCH, ROLLBACK_NOOP, RELEASE_UNKNOWN, DEPLOYMENT_IN_PROGRESS when the open run goes back elsewhere.
 */
export async function rollBackApplication(deps: EngineDeps, wish: RollbackOfApplication): Promise<RolledBack> {
  if (wish.reason.trim() === '') throw sluiceError('REASON_REQUIRED', { command: 'rollBackRun' });
  plainText(wish.reason, '--reason');
  const { person, reason } = wish;
  const ground = await patientRead(deps, (pool) => survey(pool, wish));
  const { holder } = ground;
  if (holder !== null) return { kind: 'told', answer: await tell(deps, holder, wish) };
  const target = chooseRelease(ground.kept, wish);
  const stored = storedRollback({ planId: `plan_${ulid()}` as PlanId, target, ...ground, by: person.name, reason });
  await repeatableWrite(deps, (pool) => insertPlan(pool, stored));
  return { kind: 'started', started: await startPlan(deps, stored, { person, reason, priority: 'rollback' }), target };
}

interface Ground {
  readonly environment: Environment;
  readonly kept: readonly KeptRelease[];
  readonly holder: RunRow | null;
}

async function survey(pool: Pool, { application, environment: name }: RollbackOfApplication): Promise<Ground> {
  const environment = environmentNamed(await loadConfiguration(pool), name, '--environment');
  expectTarget(environment, 'docker', '--environment');
  await loadApplication(pool, application, '--application');
  const open = await readOpenRuns(pool, { environment: name, lock: application });
  // Of several that wait for each other the one that has begun is meant; those that only wait have nothing to take back.
  const holder = open.find(hasBegun) ?? open.find(mayBegin) ?? null;
  const kept = await readKeptReleases(pool, { environment: name, application }, KEPT_RELEASES + 1);
  return { environment, kept, holder };
}

const hasBegun = ({ view }: RunRow): boolean => (view?.traffic?.release ?? null) !== null;

/** Not heard of yet, or between two entries of its journal. */
const mayBegin = ({ view }: RunRow): boolean => view === null || view.state.phase === 'running';

/** An open run can only go back to what it replaces. */
async function tell(deps: EngineDeps, holder: RunRow, wish: RollbackOfApplication): Promise<CommandAnswer> {
  const { application: lock, environment, to, reason, person } = wish;
  // A way back goes on: turned round it would bring in again what is being left.
  if (holder.place?.priority === 'rollback') throw inProgress({ environment, lock }, holder);
  const before = holder.view?.traffic?.before ?? null;
  const isThere = to === undefined || to === before?.version || to === String(before?.release);
  if (!isThere) throw inProgress({ environment, lock }, holder);
  return commandRun(deps, 'rollBackRun', { run: holder.run, person, reason });
}
