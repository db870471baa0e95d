import type { Route } from '#domain/containers/route.ts';
import type { Router } from '#domain/ports/router.port.ts';
import { checkRoute } from './check-route.ts';
import {
  checkGeneration,
  readDesired,
  withoutRoute,
  withRoute,
  writtenGeneration,
  type DesiredRoutes,
} from './desired-file.ts';
import { lookAtProcess } from './look.ts';
import { cutSessionsOf, observeRoute } from './observe.ts';
import { routerFiles, type RouterPlace } from './place.ts';
import { createRuntimeClient } from './runtime-client.ts';
import { writeRoutes, type RouterAccess } from './write-routes.ts';

const HELD_POLL_MS = 50;

/**
 * The router as one HAProxy 2.6 for all routes. All state is in its folder and in its process, so that any process of this
 * machine may write it; `prepareRouterFiles` has made the folder. Throws ROUTER_FOLDER_UNUSABLE.
 */
export function createHaproxyRouter(place: RouterPlace): Router {
  const access: RouterAccess = { place, client: createRuntimeClient(routerFiles(place).adminSocket) };
  const { client } = access;
  return {
    facts: async () => {
      const { version, pid, uptimeSeconds } = await lookAtProcess(client);
      return { version, pid, uptimeSeconds };
    },
    apply: async (route) => {
      checkRoute(route);
      await writeAfterHolds(access, route.key, (before) => {
        checkGeneration(before, route.key, route.generation);
        return withRoute(before, route);
      });
    },
    remove: (key, generation) =>
      writeAfterHolds(access, key, (before) => {
        checkGeneration(before, key, generation);
        return withoutRoute(before, key, generation);
      }),
    reconcile: async (routes) => {
      routes.forEach(checkRoute);
      const keys = routes.map(({ key }) => key);
      const outcome = await writeRoutes(access, keys, (before) => routes.reduce(withLaterRoute, before));
      // A reload that has to wait for a hold is a difference too; the next call makes it.
      return outcome.kind === 'held' || outcome.hasChanged;
    },
    written: async (wanted) => readDesired(place).routes.find(({ key }) => key === wanted) ?? null,
    observe: (key) => observeRoute(client, place.folder, key),
    cutSessions: (key, names) => cutSessionsOf(client, place.folder, { key, names }),
  };
}

/**
 * Of one generation the files know best: within it a run has moved on step by step, and a caller's copy may be from before
 * the last of them.
 */
const withLaterRoute = (desired: DesiredRoutes, route: Route): DesiredRoutes =>
  route.generation > writtenGeneration(desired, route.key) ? withRoute(desired, route) : desired;

/** Every hold has a deadline, so this ends; the folder is free for others meanwhile, who may end the hold earlier. */
async function writeAfterHolds(
  access: RouterAccess,
  key: string,
  change: (before: DesiredRoutes) => DesiredRoutes,
): Promise<void> {
  while ((await writeRoutes(access, [key], change)).kind === 'held') {
    await new Promise((resolve) => setTimeout(resolve, HELD_POLL_MS));
  }
}
