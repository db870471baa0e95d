import { changeHolds, readHolds } from '../../../activities/adapters/postgres/holds.ts';
import { databaseTime } from '../../../activities/adapters/postgres/freezes.ts';
import { endPin, insertPin } from '../../../activities/adapters/postgres/pins.ts';
import { inTransaction, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import { listRuns } from '../../../activities/adapters/postgres/runs.ts';
import { DEVICES } from '#domain/coordination/admission.ts';
import { pinOf, type Pin } from '#domain/coordination/holds.ts';
import type { Environment } from '#domain/environments/environment.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { notDeployed } from '../applications/find-place.ts';
import { loadApplication } from '../applications/load-applications.ts';
import type { EngineDeps, Person } from '../engine.ts';
import { loadEnvironment } from '../environments/load-environment.ts';
import { patientRead } from '../patient-read.ts';
import { expectTarget } from '../plans/expect-target.ts';
import { currentRelease } from '../releases/current-release.ts';
import { pinnedFacts } from './refuse-pinned.ts';
import { statedReason } from './stated-reason.ts';
import { tellCoordinator, type ToldHolds } from './tell-coordinator.ts';

export interface PinWish {
  readonly environment: string;
  /** Needed where applications are deployed to; not taken where a fleet is. */
  readonly application: string | undefined;
  readonly reason: string;
  readonly person: Person;
}

export interface Pinned extends ToldHolds {
  readonly environment: string;
  readonly pin: Pin;
}

const NO_REASON = 'no reason given';

/**
 * Pins what is in use: until somebody unpins it, no other version of it is started there. Throws ENVIRONMENT_UNKNOWN,
 * PLAN_TARGET_MISMATCH, PIN_UNCLEAR, APPLICATION_UNKNOWN, APPLICATION_NOT_DEPLOYED, NOTHING_TO_PIN, PIN_PRESENT, USAGE.
 */
export async function pinVersion(deps: EngineDeps, wish: PinWish): Promise<Pinned> {
  const environment = await loadEnvironment(deps, wish.environment);
  const { name } = environment;
  const reason = wish.reason.trim() === '' ? NO_REASON : statedReason('pin', wish.reason);
  const subject = await subjectOf(deps, environment, wish.application);
  const versions = [await patientRead(deps, (pool) => versionInUse(pool, name, subject))];
  const pin = await inTransaction(await deps.database(), async (connection) => {
    await changeHolds(connection, name);
    const present = pinOf({ holds: await readHolds(connection, name) }, subject);
    if (present !== null) throw sluiceError('PIN_PRESENT', pinnedFacts(name, present));
    const since = await databaseTime(connection);
    const made: Pin = { subject, versions, by: wish.person.name, reason, since, run: null };
    await insertPin(connection, name, made);
    return made;
  });
  return { ...(await tellCoordinator(deps, name)), environment: name, pin };
}

/**
 * Lets go what was pinned: what waits for that goes on. Throws ENVIRONMENT_UNKNOWN, PLAN_TARGET_MISMATCH, PIN_UNCLEAR,
 * APPLICATION_UNKNOWN, REASON_REQUIRED, PIN_UNKNOWN, USAGE.
 */
export async function unpinVersion(deps: EngineDeps, wish: PinWish): Promise<Pinned> {
  const environment = await loadEnvironment(deps, wish.environment);
  const { name } = environment;
  const reason = statedReason('unpin', wish.reason);
  const subject = await subjectOf(deps, environment, wish.application);
  const pin = await inTransaction(await deps.database(), async (connection) => {
    await changeHolds(connection, name);
    const present = pinOf({ holds: await readHolds(connection, name) }, subject);
    if (present === null) throw sluiceError('PIN_UNKNOWN', { environment: name, subject });
    await endPin(connection, { environment: name, subject, by: wish.person.name, reason });
    return present;
  });
  return { ...(await tellCoordinator(deps, name)), environment: name, pin };
}

async function subjectOf(deps: EngineDeps, environment: Environment, application?: string): Promise<string> {
  if (application !== undefined) {
    expectTarget(environment, 'docker', '--application');
    await patientRead(deps, (pool) => loadApplication(pool, application, '--application'));
    return application;
  }
  if (environment.target === 'fleet') return DEVICES;
  throw sluiceError('PIN_UNCLEAR', { environment: environment.name }, { where: '--application' });
}

/** Of a fleet what was rolled out to it last: single devices may run another one. */
async function versionInUse(pool: Pool, environment: string, subject: string): Promise<string> {
  if (subject === DEVICES) {
    const [last] = await listRuns(pool, { environment, kind: 'fleet-rollout', phases: ['completed'], limit: 1 });
    if (!last) throw sluiceError('NOTHING_TO_PIN', { environment });
    return last.subject.version;
  }
  const current = await currentRelease(pool, { environment, application: subject });
  if (current === null) throw notDeployed(subject, environment);
  return current.version;
}
