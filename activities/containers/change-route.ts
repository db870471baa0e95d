import { isDeepStrictEqual } from 'node:util';
import type { Route } from '#domain/containers/route.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { lockPlace, updatePlace, type ApplicationPlace } from '../adapters/postgres/application-places.ts';
import { inTransaction, type Connection } from '../adapters/postgres/pool.ts';
import { ridingOut } from '../runtime/ride-out.ts';
import type { ContainerWork } from './deps.ts';
import { resolvedRoute } from './resolved-route.ts';

export interface RouteOwner {
  readonly environment: string;
  readonly application: string;
  /** Of the run; a lower one than the place's is refused. */
  readonly generation: number;
}

/**
 * Changes how traffic is to go, then makes it go so. What is wanted is committed before the router hears of it, and what it
 * hears is read again under the row's lock: neither a death in between nor the keeper of routes can turn a change back.
 * Throws RELEASE_FENCED.
 */
export async function changeRoute(
  work: ContainerWork,
  owner: RouteOwner,
  change: (route: Route) => Route,
): Promise<Route> {
  await ridingOut(work, () => inTransaction(work.pool, (connection) => writeRoute(connection, owner, change)));
  await work.reached?.('route-written');
  return applyRoute(work, owner);
}

async function writeRoute(connection: Connection, owner: RouteOwner, change: (route: Route) => Route): Promise<void> {
  const place = await ownPlace(connection, owner);
  const route = change(place.route);
  if (isDeepStrictEqual(route, place.route)) return;
  await updatePlace(connection, { ...place, listenPort: route.listen.port, route });
}

/** Makes the router do what is wanted now. Throws RELEASE_FENCED. */
export async function applyRoute(work: ContainerWork, owner: RouteOwner): Promise<Route> {
  const applied = await ridingOut(work, () =>
    inTransaction(work.pool, async (connection) => {
      const { route } = await ownPlace(connection, owner);
      await work.router.apply(await resolvedRoute(work, route));
      return route;
    }),
  );
  await work.reached?.('route-applied');
  return applied;
}

/** The place, held until the transaction ends. Throws RELEASE_FENCED when a later run has it. */
export async function ownPlace(
  connection: Connection,
  { environment, application, generation }: RouteOwner,
): Promise<ApplicationPlace & { readonly route: Route }> {
  const place = await lockPlace(connection, environment, application);
  const route = place?.route ?? null;
  if (!place || route === null || place.generation > generation) {
    throw sluiceError('RELEASE_FENCED', { application, mine: generation, present: place?.generation ?? 0 });
  }
  return { ...place, route };
}
