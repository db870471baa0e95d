import semver from 'semver';

/**
 * Below 0 when `a` is older than `b`, above 0 when newer, 0 when neither; null when nothing orders them. Semantic versions
 * by their rules; versions of numbers only (`1.2.3.9`, `2024-01`) number by number, those left out being 0.
 */
export function compareVersions(a: string, b: string): number | null {
  const [left, right] = [semver.parse(a), semver.parse(b)];
  if (left && right) return semver.compare(left, right);
  const [some, others] = [numbersOf(a, left), numbersOf(b, right)];
  return some && others ? compareNumbers(some, others) : null;
}

/** Null where a version is more than numbers; `1.2.3-4` is a semantic pre-release, older than `1.2.3`. */
function numbersOf(text: string, semantic: semver.SemVer | null): bigint[] | null {
  if (semantic && semantic.prerelease.length > 0) return null;
  if (!/^v?\d+([.-]\d+)*$/i.test(text)) return null;
  return text.replace(/^v/i, '').split(/[.-]/).map(BigInt);
}

function compareNumbers(a: readonly bigint[], b: readonly bigint[]): number {
  for (let place = 0; place < Math.max(a.length, b.length); place += 1) {
    const [left, right] = [a[place] ?? 0n, b[place] ?? 0n];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
