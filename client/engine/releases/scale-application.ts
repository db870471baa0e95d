import { ulid } from 'ulid';
import { insertPlan, type StoredPlan } from '../../../activities/adapters/postgres/plans.ts';
import type { KeptRelease } from '../../../activities/adapters/postgres/releases-of-applications.ts';
import { listRuns } from '../../../activities/adapters/postgres/runs.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { PlanId } from '#domain/ids.ts';
import type { Iso } from '#domain/time.ts';
import { applyApplications } from '../applications/apply-applications.ts';
import { notDeployed } from '../applications/find-place.ts';
import { loadApplication } from '../applications/load-applications.ts';
import type { EngineDeps, Person } from '../engine.ts';
import { repeatableWrite } from '../environments/repeatable-write.ts';
import { patientRead } from '../patient-read.ts';
import { plainText } from '../plain-text.ts';
import { planDigest } from '../plans/digest.ts';
import { draftRelease } from '../plans/draft-release.ts';
import { readStoredPlan } from '../plans/load-plan.ts';
import { checkRelease } from '../plans/read-release.ts';
import { executePlan, type StartedRun } from '../runs/execute-plan.ts';
import { currentRelease, type ReleasePlace } from './current-release.ts';
import {
  beyondLimits,
  cooldownMs,
  isScaling,
  tooEarly,
  wantedAfter,
  type Direction,
  type ScalingLimits,
} from './scaling-rules.ts';

export interface ScaleWish extends ReleasePlace {
  readonly direction: Direction;
  readonly count: number;
  readonly limits: ScalingLimits;
  readonly reason: string;
  readonly person: Person;
}

export interface Scaling {
  readonly started: StartedRun;
  readonly version: string;
  /** Instances before and wanted now. */
  readonly from: number;
  readonly to: number;
}

/**
 * Starts a run that brings the release in use out again in another number of instances, by the rolling strategy: the same
 * bytes, whatever its tag means now. The application wants that number from then on. Throws REASON_REQUIRED,
 * APPLICATION_UNKNOWN, APPLICATION_NOT_DEPLOYED, SCALING_LIMIT, SCALING_COOLDOWN, and as `executePlan`.
 */
export async function scaleApplication(deps: EngineDeps, wish: ScaleWish): Promise<Scaling> {
  const { application, environment, reason, person } = wish;
  if (reason.trim() === '') throw sluiceError('REASON_REQUIRED', { command: 'scaling' }, { where: '--reason' });
  plainText(reason, '--reason');
  const current = await patientRead(deps, (pool) => survey(pool, wish));
  const { version, spec } = current;
  const to = wantedAfter({ ...wish, present: spec.replicas });
  const file = checkRelease(releaseOf({ application, environment, version }, { from: spec.replicas, to, reason }), '');
  const planId = `plan_${ulid()}` as PlanId;
  const wanted = { planId, file, fileName: '', author: person.name, createdAt: new Date().toISOString(), again: spec };
  const { plan } = await draftRelease(deps, wanted);
  const stored: StoredPlan = { plan, digest: planDigest(plan) };
  await repeatableWrite(deps, (pool) => insertPlan(pool, stored));
  const started = await executePlan(deps, { planId, person, reason });
  await rememberNumber(deps, wish, to);
  return { started, version, from: spec.replicas, to };
}

/** The release in use, if it may be scaled so. */
async function survey(pool: Pool, wish: ScaleWish): Promise<KeptRelease> {
  const { application, environment, direction, count, limits } = wish;
  const place = { application, environment };
  await loadApplication(pool, application);
  const current = await currentRelease(pool, place);
  if (current === null) throw notDeployed(application, environment);
  const beyond = beyondLimits(place, { direction, count, present: current.spec.replicas }, limits);
  if (beyond !== null) throw beyond;
  const now = new Date().toISOString();
  const last = await lastScaling(pool, place, Date.parse(now) - cooldownMs(limits, direction));
  const early = last === null ? null : tooEarly(place, direction, limits, { last, now });
  if (early !== null) throw early;
  return current;
}

/** More runs of one application are not completed within a cooldown. */
const MOST_RUNS = 200;

/** When the last scaling was completed, if that was after `sinceMs`; those that failed or went back changed nothing. */
async function lastScaling(pool: Pool, place: ReleasePlace, sinceMs: number): Promise<Iso | null> {
  const { environment, application: delivered } = place;
  const wish = { environment, delivered, kind: 'container-release', phases: ['completed'], limit: MOST_RUNS } as const;
  const runs = await listRuns(pool, wish);
  for (const { planId, completedAt } of runs) {
    if (completedAt === null || Date.parse(completedAt) <= sinceMs) continue;
    const { plan } = await readStoredPlan(pool, planId);
    if (plan.kind === 'container-release' && isScaling(plan)) return completedAt;
  }
  return null;
}

interface Numbers {
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/** Not watched after each batch: the version has proved itself, and its instances are verified before they serve. */
const releaseOf = (release: ReleasePlace & { readonly version: string }, { from, to, reason }: Numbers): object => ({
  ...release,
  config: {
    name: `${release.application} ${release.version} from ${from} to ${to} instances in ${release.environment}`,
    description: reason,
    strategy: 'rolling',
    replicas: to,
    bake: '0s',
  },
});

async function rememberNumber(deps: EngineDeps, { application, person }: ScaleWish, replicas: number): Promise<void> {
  const { written } = await patientRead(deps, (pool) => loadApplication(pool, application));
  const applications = { [application]: { ...(written as object), replicas } };
  const file = { name: `application ${application}`, content: JSON.stringify({ applications }) };
  await applyApplications(deps, { file, by: person.name });
}
