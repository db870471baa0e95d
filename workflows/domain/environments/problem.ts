import { shownPlainly } from '../control-characters.ts';

/** One place of a file that is not as it must be. */
export interface Problem {
  /** `environments.production.approvals.quorum`; empty for the file itself. */
  readonly path: string;
  readonly expected: string;
  readonly got: string;
  readonly fix: string;
}

/** `path: expected …, got …. fix`; what was written can be shown in any terminal. */
export function describeProblem({ path, expected, got, fix }: Problem): string {
  const place = path === '' ? '' : `${path}: `;
  return shownPlainly(`${place}expected ${expected}, got ${got}. ${fix}`);
}

/** The known name nearest to what was written, or null when none is near enough to be meant. */
export function nearest(written: string, known: readonly string[]): string | null {
  const ranked = known
    .map((name) => ({ name, distance: editDistance(written.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(2, Math.floor(best.name.length / 3)) ? best.name : null;
}

/** A name that does not exist where names are listed. */
export function unknownName(path: string, what: string, written: string, known: readonly string[]): Problem {
  const near = nearest(written, known);
  const listed = known.length === 0 ? `No ${what} is defined.` : `Known: ${known.join(', ')}.`;
  return {
    path,
    expected: `the name of a known ${what}`,
    got: JSON.stringify(written),
    fix: near === null ? listed : `Did you mean ${near}?`,
  };
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
