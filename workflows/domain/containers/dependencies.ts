import { unknownName, type Problem } from '../environments/problem.ts';

/** What each application waits for in a release, by name. */
export type Dependencies = Readonly<Record<string, readonly string[]>>;

/** Everything that `name` needs, however far away; itself where it needs itself. */
export function neededBy(name: string, dependencies: Dependencies): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [name];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const need of dependencies[next] ?? []) {
      if (found.has(need)) continue;
      found.add(need);
      open.push(need);
    }
  }
  return found;
}

/** Names in `depends_on` that lead nowhere, and circles, each told once. */
export function dependencyProblems(dependencies: Dependencies): Problem[] {
  const known = Object.keys(dependencies);
  const unknown = Object.entries(dependencies).flatMap(([name, needs]) =>
    needs.flatMap((need, at) =>
      known.includes(need) ? [] : [unknownName(`applications.${name}.depends_on[${at}]`, 'application', need, known)],
    ),
  );
  return [...unknown, ...circles(dependencies)];
}

function circles(dependencies: Dependencies): Problem[] {
  const found = new Map<string, readonly string[]>();
  for (const name of Object.keys(dependencies)) {
    const circle = circleFrom(dependencies, name);
    if (circle === null) continue;
    const key = [...circle].sort().join(' ');
    if (!found.has(key)) found.set(key, circle);
  }
  return [...found.values()].map((circle) => ({
    path: `applications.${circle[0] ?? ''}.depends_on`,
    expected: 'applications that do not wait for each other',
    got: [...circle, circle[0] ?? ''].join(' → '),
    fix: 'Take one of them out.',
  }));
}

/** The way from `start` back to itself, or null. */
function circleFrom(dependencies: Dependencies, start: string): readonly string[] | null {
  const seen = new Set<string>();
  const walk = (name: string, way: readonly string[]): readonly string[] | null => {
    for (const need of dependencies[name] ?? []) {
      if (need === start) return way;
      if (seen.has(need)) continue;
      seen.add(need);
      const circle = walk(need, [...way, need]);
      if (circle !== null) return circle;
    }
    return null;
  };
  return walk(start, [start]);
}
