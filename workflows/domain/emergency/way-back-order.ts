import { neededBy, type Dependencies } from '../containers/dependencies.ts';

/** Of each member those that have to be back before it. */
export type Waits = Readonly<Record<string, readonly string[]>>;

/**
 * Who goes back after whom: what others need goes after all of them, by whatever way they need it, be it through applications
 * that stay. Those that need each other in a circle do not wait for each other.
 */
export function wayBackOrder(members: readonly string[], dependencies: Dependencies): Waits {
  const reached = new Map(members.map((name) => [name, neededBy(name, dependencies)]));
  const needs = (one: string, other: string): boolean => reached.get(one)?.has(other) === true;
  const before = (member: string): string[] =>
    members.filter((other) => other !== member && needs(other, member) && !needs(member, other));
  return Object.fromEntries(members.map((member) => [member, before(member)]));
}
