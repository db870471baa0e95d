import { readFileSync } from 'node:fs';
import type { Route } from '#domain/containers/route.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { DEFAULT_OPTIONS, routerFiles, type RouterOptions, type RouterPlace } from './place.ts';

/** What the router is to do: the truth that its other files are made of. */
export interface DesiredRoutes {
  readonly options: RouterOptions;
  readonly routes: readonly Route[];
  /** Generation by which a route was taken out: an older run must not bring it back. */
  readonly removed: Readonly<Record<string, number>>;
}

const FORMAT = 1;

/** What was written last; nothing yet when there is no file. Throws ROUTER_FOLDER_UNUSABLE. */
export function readDesired(place: RouterPlace): DesiredRoutes {
  const { desired } = routerFiles(place);
  try {
    const read = JSON.parse(readFileSync(desired, 'utf8')) as DesiredRoutes & { format: number };
    if (read.format !== FORMAT || !Array.isArray(read.routes)) throw new Error(`it has not the format ${FORMAT}`);
    return { options: read.options, routes: read.routes, removed: read.removed };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      return { options: DEFAULT_OPTIONS, routes: [], removed: {} };
    const why = `${desired} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    throw sluiceError('ROUTER_FOLDER_UNUSABLE', { folder: place.folder, why }, { cause: error });
  }
}

export const desiredText = (desired: DesiredRoutes): string =>
  `${JSON.stringify({ format: FORMAT, ...desired }, null, 1)}\n`;

/** Throws ROUTE_FENCED when a later run has written or taken out the route. */
export function checkGeneration(desired: DesiredRoutes, key: string, generation: number): void {
  const written = writtenGeneration(desired, key);
  if (generation < written) throw sluiceError('ROUTE_FENCED', { key, generation, written });
}

/** The highest generation that has written `key`; -1 when none has. */
export function writtenGeneration({ routes, removed }: DesiredRoutes, key: string): number {
  return Math.max(routes.find((route) => route.key === key)?.generation ?? -1, removed[key] ?? -1);
}

/** `desired` with `route` in it, in the order of the keys. */
export function withRoute(desired: DesiredRoutes, route: Route): DesiredRoutes {
  const { [route.key]: _taken, ...removed } = desired.removed;
  const routes = [...desired.routes.filter(({ key }) => key !== route.key), route];
  return { ...desired, removed, routes: routes.toSorted((one, other) => (one.key < other.key ? -1 : 1)) };
}

export function withoutRoute(desired: DesiredRoutes, key: string, generation: number): DesiredRoutes {
  const routes = desired.routes.filter((route) => route.key !== key);
  return { ...desired, routes, removed: { ...desired.removed, [key]: generation } };
}
