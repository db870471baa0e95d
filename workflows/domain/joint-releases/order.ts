import { neededBy, type Dependencies } from '../containers/dependencies.ts';

/** An application that goes out with others. */
export interface Orderable {
  readonly name: string;
  readonly critical: boolean;
}

export type Ordered<Member extends Orderable> =
  | { readonly kind: 'ordered'; readonly waves: readonly (readonly Member[])[] }
  /** The applications that wait for each other, the first one again at the end. */
  | { readonly kind: 'circle'; readonly circle: readonly string[] };

/**
 * The order in which applications go out: none before what it needs, and within that those that are not critical before
 * those that are. `needs` holds all applications that there are, so that a need by way of another one is seen. What is in one wave goes out at the same time. Each wave keeps the order in which it was written.
 */
export function orderMembers<Member extends Orderable>(
  members: readonly Member[],
  needs: Dependencies,
): Ordered<Member> {
  const waves: Member[][] = [];
  const placed = new Set<string>();
  let left = [...members];
  while (left.length > 0) {
    const ready = left.filter(({ name }) => neededMembers(name, members, needs).every((one) => placed.has(one)));
    if (ready.length === 0) return { kind: 'circle', circle: circleAmong(left, members, needs) };
    const harmless = ready.filter(({ critical }) => !critical);
    const wave = harmless.length > 0 ? harmless : ready;
    for (const { name } of wave) placed.add(name);
    left = left.filter((one) => !wave.includes(one));
    waves.push(wave);
  }
  return { kind: 'ordered', waves };
}

/** The members that `name` needs, by way of other applications too; itself where it needs itself. */
export function neededMembers(name: string, members: readonly Orderable[], needs: Dependencies): string[] {
  const seen = neededBy(name, needs);
  return members.map((one) => one.name).filter((one) => seen.has(one));
}

/** Of members none of which can go first: from need to need until one comes again. */
function circleAmong(left: readonly Orderable[], members: readonly Orderable[], needs: Dependencies): string[] {
  const open = new Set(left.map(({ name }) => name));
  const way: string[] = [];
  let next = left[0]?.name;
  while (next !== undefined && !way.includes(next)) {
    way.push(next);
    next = nextInCircle(
      next,
      neededMembers(next, members, needs).filter((one) => open.has(one)),
      needs,
    );
  }
  return next === undefined ? way : [...way.slice(way.indexOf(next)), next];
}

/** A direct need before one by way of others, and itself last. */
function nextInCircle(name: string, needed: readonly string[], needs: Dependencies): string | undefined {
  const others = needed.filter((one) => one !== name);
  return others.find((one) => needs[name]?.includes(one)) ?? others[0] ?? needed[0];
}
