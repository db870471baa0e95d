import type { Route } from '#domain/containers/route.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { converge } from './converge.ts';
import { readDesired, withRoute, type DesiredRoutes } from './desired-file.ts';
import { withFolderLock } from './folder-lock.ts';
import { lookAtRouter, type RunningRouter } from './look.ts';
import type { RouterPlace } from './place.ts';
import { awaitReleased, checkAddedPorts, checkPorts } from './ports.ts';
import { checkConfiguration, reloadRouter } from './reload.ts';
import { renderConfiguration } from './render.ts';
import { writeRouterFiles } from './router-files.ts';
import type { RuntimeClient } from './runtime-client.ts';

export interface RouterAccess {
  readonly place: RouterPlace;
  readonly client: RuntimeClient;
}

export type WriteOutcome =
  | { readonly kind: 'written'; readonly hasChanged: boolean }
  /** A reload is needed, but it would keep waiting requests from ever being released. */
  | { readonly kind: 'held' };

/** Requests let go by a deadline have left the queue so much later. */
const RELEASE_GRACE_MS = 100;

/**
 * Writes `change` of what is desired: files first, then the running process, by commands where they do and by a reload where
 * nothing else does. `keys` are the routes that are compared with the running process. One at a time for a folder.
 */
export function writeRoutes(
  access: RouterAccess,
  keys: readonly string[],
  change: (before: DesiredRoutes) => DesiredRoutes,
): Promise<WriteOutcome> {
  return withFolderLock(access.place.folder, async () => {
    const before = readDesired(access.place);
    const after = change(before);
    const rendered = renderConfiguration(after.routes, access.place, after.options);
    const running = await lookAtRouter(access.client, access.place.folder);
    if (running.structure !== rendered.structure) return reloadWith(access, before, after);
    await writeRouterFiles(access.place, after, rendered);
    const routes = after.routes.filter(({ key }) => keys.includes(key));
    return { kind: 'written', hasChanged: await bringTo(access, routes, running) };
  });
}

async function bringTo(access: RouterAccess, routes: readonly Route[], seen?: RunningRouter): Promise<boolean> {
  const process = { client: access.client, folder: access.place.folder };
  return converge(process, routes, seen ?? (await lookAtRouter(process.client, process.folder)));
}

async function reloadWith(access: RouterAccess, before: DesiredRoutes, after: DesiredRoutes): Promise<WriteOutcome> {
  const { place, client } = access;
  const relaxed = releasedFirst(before, after);
  if (relaxed) {
    await writeRouterFiles(place, relaxed, renderConfiguration(relaxed.routes, place, relaxed.options));
    const released = relaxed.routes.filter(({ key }) =>
      before.routes.some((route) => route.key === key && isHolding(route)),
    );
    await bringTo(access, released);
    return { kind: 'held' };
  }
  if (before.routes.some(isHolding)) return { kind: 'held' };
  await checkPorts(before.routes, after.routes);
  const rendered = renderConfiguration(after.routes, place, after.options);
  await checkConfiguration(place, rendered);
  await writeRouterFiles(place, after, rendered);
  if ((await reloadRouter(place, client, rendered.structure)) === 'refused') await goBack(access, before, after);
  await bringTo(access, after.routes);
  await awaitReleased(before.routes, after.routes);
  return { kind: 'written', hasChanged: true };
}

/** What did not load must not stand in the files: the router would not start again. */
async function goBack({ place }: RouterAccess, before: DesiredRoutes, after: DesiredRoutes): Promise<never> {
  await writeRouterFiles(place, before, renderConfiguration(before.routes, place, before.options));
  await checkAddedPorts(before.routes, after.routes);
  const words = 'its new configuration did not start, though it is well formed';
  throw sluiceError('ROUTER_REFUSED', { command: 'reload', words });
}

/**
 * Requests that wait in a worker are out of reach after a reload. A route whose hold ends with this change is therefore
 * let go first, with its new members and shares but on its old port and rules; null when there is none.
 */
function releasedFirst(before: DesiredRoutes, after: DesiredRoutes): DesiredRoutes | null {
  const ending = before.routes.filter(
    (route) => isHolding(route) && !after.routes.some(({ key, hold }) => key === route.key && hold),
  );
  if (ending.length === 0) return null;
  return ending.reduce((desired, route) => {
    const next = after.routes.find(({ key }) => key === route.key) ?? route;
    const { listen, previewPort, rules, healthCheck } = route;
    return withRoute(desired, { ...next, listen, previewPort, rules, healthCheck, hold: null });
  }, before);
}

const isHolding = ({ hold }: Route): boolean => hold !== null && Date.parse(hold.until) + RELEASE_GRACE_MS > Date.now();
