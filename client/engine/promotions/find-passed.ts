import {
  latestRunOf,
  readTriedFirmware,
  readTriedReleases,
  type Tried,
} from '../../../activities/adapters/postgres/promotions.ts';
import type { Connection, Pool } from '../../../activities/adapters/postgres/pool.ts';
import type { Environment } from '#domain/environments/environment.ts';
import { choosePassed, hasPassed, type WantedVersion } from './choose-passed.ts';

type Place = Pick<Environment, 'name' | 'target'>;

/** What was tried in an environment, of one application or firmware or of all, as `choosePassed` wants it. */
export const readTried = (database: Connection | Pool, { name, target }: Place, subject: string | null) =>
  target === 'docker' ? readTriedReleases(database, name, subject) : readTriedFirmware(database, name, subject);

/** The version of `subject` that passed in `from` and is meant. Throws as `choosePassed`. */
export async function findPassed(
  database: Connection | Pool,
  from: Place,
  { subject, version }: Pick<WantedVersion, 'subject' | 'version'>,
): Promise<Tried> {
  const tried = await readTried(database, from, subject);
  const wanted = { environment: from.name, subject, version };
  if (from.target === 'fleet') {
    const latest = tried.filter((one) => version === null || one.version === version)[0] ?? null;
    return choosePassed(tried, latest && { ...latest, phase: latest.phase ?? '' }, wanted);
  }
  const latest = await latestRunOf(database, { environment: from.name, application: subject, version });
  return choosePassed(tried, latest, wanted);
}

/** Whether these bytes of `subject` completed a run in an environment. */
export async function isPassed(
  database: Connection | Pool,
  from: Place,
  { subject, digest }: Pick<Tried, 'subject' | 'digest'>,
): Promise<boolean> {
  const tried = await readTried(database, from, subject);
  return tried.some((one) => one.digest === digest && hasPassed(one));
}

/** Whether these bytes of `subject` are what the environment has now. */
export async function isInUse(
  database: Connection | Pool,
  at: Place,
  { subject, digest }: Pick<Tried, 'subject' | 'digest'>,
): Promise<boolean> {
  const tried = await readTried(database, at, subject);
  return tried.some((one) => one.digest === digest && one.isCurrent);
}
