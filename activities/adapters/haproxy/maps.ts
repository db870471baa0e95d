import { otherArm, type Route } from '#domain/containers/route.ts';
import { backendName, routeName } from './names.ts';

/** What changes while HAProxy runs, each a file that it also holds in memory: route name → value. */
export const ROUTER_MAPS = ['stable_be', 'canary_be', 'canary', 'seed', 'hold', 'mirror'] as const;
export type MapName = (typeof ROUTER_MAPS)[number];
export type MapContents = Readonly<Record<MapName, ReadonlyMap<string, string>>>;

/** The maps for `routes`. An absent hold or mirror has no entry. */
export function mapContents(routes: readonly Route[]): MapContents {
  const all = (valueOf: (route: Route) => string | null) =>
    new Map(
      routes.flatMap((route): [string, string][] => {
        const value = valueOf(route);
        return value === null ? [] : [[routeName(route.key), value]];
      }),
    );
  return {
    stable_be: all(({ key, stableArm }) => backendName(key, stableArm)),
    canary_be: all(({ key, stableArm }) => backendName(key, otherArm(stableArm))),
    canary: all(({ canaryBasisPoints }) => String(canaryBasisPoints)),
    seed: all(({ cohortSeed }) => String(cohortSeed)),
    hold: all(({ hold }) => hold && `${Date.parse(hold.until)}:${hold.maximumQueued}`),
    mirror: all(mirrorValue),
  };
}

/** `percent:maximumInFlight:address,address`: the members of the coming version. */
function mirrorValue({ mirror, members, stableArm }: Route): string | null {
  const targets = members.filter(({ arm, state }) => arm !== stableArm && state === 'ready');
  if (!mirror || mirror.percent <= 0 || targets.length === 0) return null;
  const addresses = targets.map(({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`));
  return `${mirror.percent}:${mirror.maximumInFlight}:${addresses.join(',')}`;
}

/** The file of one map. */
export const mapText = (entries: ReadonlyMap<string, string>): string =>
  [...entries].map(([key, value]) => `${key} ${value}\n`).join('');
