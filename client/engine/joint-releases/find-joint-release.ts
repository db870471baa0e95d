import {
  findJointRelease,
  listJointReleases as list,
  type JointReleaseRow,
} from '../../../activities/adapters/postgres/joint-releases.ts';
import { readRun } from '../../../activities/adapters/postgres/runs.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { isPlanId, runIdFrom } from '#domain/ids.ts';
import type { EngineDeps } from '../engine.ts';
import { patientRead } from '../patient-read.ts';

/** A release as people name it. */
export interface NamedRelease {
  /** Its name, its plan or its run. */
  readonly release: string;
  readonly environment?: string | undefined;
}

const MOST_OF_A_NAME = 100;
const MOST_LISTED = 500;

/**
 * The release of that name, plan or run. Of several that bear a name the one under way is meant, else the newest. Throws
 * JOINT_RELEASE_UNKNOWN, JOINT_RELEASE_UNCLEAR where the name is in several environments.
 */
export async function findRelease(deps: EngineDeps, { release, environment }: NamedRelease): Promise<JointReleaseRow> {
  const found = await patientRead(deps, async (pool) => {
    const byId = await findById(pool, release);
    return byId ? [byId] : list(pool, { name: release, environment: environment ?? null }, MOST_OF_A_NAME);
  });
  const environments = [...new Set(found.map((one) => one.environment))].sort();
  if (environments.length > 1) {
    throw sluiceError('JOINT_RELEASE_UNCLEAR', { release, environments: environments.join(', ') });
  }
  const meant = found.find(({ run }) => run?.closed === false) ?? found[0];
  if (meant === undefined) throw sluiceError('JOINT_RELEASE_UNKNOWN', { release });
  return meant;
}

async function findById(pool: Pool, text: string): Promise<JointReleaseRow | null> {
  if (isPlanId(text)) return findJointRelease(pool, text);
  const run = runIdFrom(text);
  const planId = run === null ? undefined : (await readRun(pool, run))?.planId;
  return planId === undefined ? null : findJointRelease(pool, planId);
}

/** Releases of an environment, or all, the newest first. */
export const listReleases = (deps: EngineDeps, environment: string | undefined): Promise<JointReleaseRow[]> =>
  patientRead(deps, (pool) => list(pool, { environment: environment ?? null }, MOST_LISTED));
