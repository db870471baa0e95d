import type { Route } from '#domain/containers/route.ts';
import { catalogue } from '#domain/errors/catalogue.ts';
import { SluiceError } from '#domain/errors/failure.ts';
import type { Router } from '#domain/ports/router.port.ts';
import { lockQuietRoutes } from '../adapters/postgres/application-places.ts';
import { inTransaction } from '../adapters/postgres/pool.ts';
import type { ContainerDeps } from './deps.ts';
import { resolvedRoute } from './resolved-route.ts';

/**
 * Brings the router to what is wanted of it, wherever the two differ: after its restart, or when a worker died between
 * wanting and doing. Routes that somebody changes at this moment are theirs. True when there was something to do. One that
 * cannot be made does not keep the others from being made; its error is thrown after.
 */
export function keepRoutes(deps: Pick<ContainerDeps, 'pool' | 'router' | 'dataDirectory'>): Promise<boolean> {
  const { pool, router } = deps;
  return inTransaction(pool, async (connection) => {
    const wanted = await lockQuietRoutes(connection);
    const routes = await Promise.all(wanted.map((route) => resolvedRoute(deps, route)));
    if (routes.length === 0) return false;
    try {
      return await router.reconcile(routes);
    } catch (error) {
      if (routes.length > 1 && isAboutARoute(error)) await reconcileEach(router, routes);
      throw error;
    }
  });
}

/** And not about a router that does not answer: that is the same for all. */
const isAboutARoute = (error: unknown): boolean =>
  error instanceof SluiceError && catalogue[error.code].kind !== 'TRANSIENT';

async function reconcileEach(router: Router, routes: readonly Route[]): Promise<void> {
  for (const route of routes) {
    try {
      await router.reconcile([route]);
    } catch (error) {
      if (!isAboutARoute(error)) throw error;
    }
  }
}
