import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import {
  readApplicationPlaces,
  type ApplicationPlace,
} from '../../../activities/adapters/postgres/releases-of-applications.ts';
import { sluiceError } from '#domain/errors/failure.ts';

/**
 * Where an application is deployed: in `wanted`, or in the only environment that has it. Null where it never was. Throws
 * APPLICATION_PLACE_UNCLEAR.
 */
export async function findPlace(
  pool: Pool,
  application: string,
  wanted: string | undefined,
): Promise<ApplicationPlace | null> {
  const all = await readApplicationPlaces(pool, application);
  const places = wanted === undefined ? all : all.filter(({ environment }) => environment === wanted);
  if (places.length <= 1) return places[0] ?? null;
  const environments = places.map(({ environment }) => environment).join(', ');
  throw sluiceError('APPLICATION_PLACE_UNCLEAR', { application, environments }, { where: '--environment' });
}

/** Nothing of it runs anywhere, or not there. */
export const notDeployed = (application: string, environment = 'any environment'): Error =>
  sluiceError('APPLICATION_NOT_DEPLOYED', { application, environment });
