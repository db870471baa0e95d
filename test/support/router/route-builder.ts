import { routeKey, type Arm, type Route, type RouteMember } from '#domain/containers/route.ts';

interface MemberAddress {
  readonly name: string;
  readonly address: { readonly host: string; readonly port: number };
}

/** A ready member of `arm` with weight 100. */
export const memberOf = (
  { name, address }: MemberAddress,
  arm: Arm,
  changed: Partial<RouteMember> = {},
): RouteMember => ({
  name,
  arm,
  ...address,
  weight: 100,
  state: 'ready',
  ...changed,
});

/** A route of environment `test` with all traffic on arm a and no members. */
export function aRoute(application: string, port: number, changed: Partial<Route> = {}): Route {
  return {
    key: routeKey('test', application),
    environment: 'test',
    application,
    listen: { host: '127.0.0.1', port },
    previewPort: null,
    generation: 1,
    stableArm: 'a',
    canaryBasisPoints: 0,
    cohortSeed: 1,
    members: [],
    rules: { header: null, allowClients: [], allowNetworks: [], clientIdHeader: 'x-client-id' },
    mirror: null,
    hold: null,
    healthCheck: { path: '/health', expectedStatus: 200 },
    ...changed,
  };
}
