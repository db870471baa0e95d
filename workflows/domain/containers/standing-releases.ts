/**
 * Of the releases that were in use, oldest first, those on which the latest stands: whatever was taken back already by a
 * return to an earlier one is not among them. So a way back that is asked for twice goes two steps back, and never forward
 * to what was left for good.
 */
export function standingReleases<Release>(
  inOrder: readonly Release[],
  isSame: (one: Release, other: Release) => boolean,
): readonly Release[] {
  const line: Release[] = [];
  for (const next of inOrder) {
    const again = line.findIndex((one) => isSame(one, next));
    if (again >= 0) line.length = again;
    line.push(next);
  }
  return line;
}
