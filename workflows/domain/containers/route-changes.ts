import { ALL_TRAFFIC, type Arm, type Route, type RouteMember } from './route.ts';

/** The share of the traffic that an arm gets, in basis points. */
export const shareOf = ({ stableArm, canaryBasisPoints }: Route, arm: Arm): number =>
  arm === stableArm ? ALL_TRAFFIC - canaryBasisPoints : canaryBasisPoints;

/** `route` with these members, those of the same name replaced. */
export function withMembers(route: Route, members: readonly RouteMember[]): Route {
  const names = new Set(members.map(({ name }) => name));
  return { ...route, members: [...route.members.filter(({ name }) => !names.has(name)), ...members] };
}

export function withoutMembers(route: Route, names: readonly string[]): Route {
  const gone = new Set(names);
  return { ...route, members: route.members.filter(({ name }) => !gone.has(name)) };
}

/** `route` with these members in another state; names that it does not have are left aside. */
export function inState(route: Route, names: readonly string[], state: RouteMember['state']): Route {
  const meant = new Set(names);
  return {
    ...route,
    members: route.members.map((member) => (meant.has(member.name) ? { ...member, state } : member)),
  };
}

/** `basisPoints` of the traffic to `arm`, the rest to the other; all of it makes `arm` the one in use. */
export function withShare(route: Route, arm: Arm, basisPoints: number): Route {
  if (basisPoints >= ALL_TRAFFIC) return { ...route, stableArm: arm, canaryBasisPoints: 0 };
  if (arm === route.stableArm) return { ...route, canaryBasisPoints: ALL_TRAFFIC - basisPoints };
  return { ...route, canaryBasisPoints: basisPoints };
}
