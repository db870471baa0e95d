import { readKeptReleases, type KeptRelease } from '../../../activities/adapters/postgres/releases-of-applications.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import { loadConfiguration } from '../environments/load-configuration.ts';
import { environmentNamed } from '../environments/load-environment.ts';
import { expectTarget } from '../plans/expect-target.ts';

/** An application in an environment with containers. */
export interface ReleasePlace {
  readonly application: string;
  readonly environment: string;
}

/** The release in use, or null. Throws ENVIRONMENT_UNKNOWN, PLAN_TARGET_MISMATCH. */
export async function currentRelease(pool: Pool, place: ReleasePlace): Promise<KeptRelease | null> {
  expectTarget(environmentNamed(await loadConfiguration(pool), place.environment), 'docker', place.environment);
  const [latest] = await readKeptReleases(pool, place, 1);
  return latest?.state === 'stable' ? latest : null;
}
