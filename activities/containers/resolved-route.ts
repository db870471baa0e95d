import type { Route } from '#domain/containers/route.ts';
import { resolveSecret } from '../adapters/secrets/resolve-secret.ts';
import type { ContainerDeps } from './deps.ts';

/** `route` as the router has to have it: only there the word that a header must bear is written out. Throws SECRET_UNRESOLVED. */
export async function resolvedRoute(deps: Pick<ContainerDeps, 'dataDirectory'>, route: Route): Promise<Route> {
  const { header } = route.rules;
  if (header === null || header.secret === null) return route;
  const secret = (await resolveSecret({ secretRef: header.secret }, deps)).reveal();
  return { ...route, rules: { ...route.rules, header: { ...header, secret } } };
}
