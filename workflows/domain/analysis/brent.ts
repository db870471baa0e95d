/** A zero is sought between two points at which the function has unlike signs. */
export interface Bracket {
  readonly from: number;
  readonly to: number;
  /** How far the answer may be from the zero (from the jump, when the function jumps over it). */
  readonly tolerance: number;
}

const MOST_ITERATIONS = 1_000;

/** A point, and what the function is there. */
interface Point {
  readonly at: number;
  readonly value: number;
}

/**
 * Where `f` is zero or changes its sign. Brent's method: R. P. Brent, Algorithms for Minimization without Derivatives
 * (1973), chapter 4, with the acceptance limits of netlib's `zeroin`, which R's `uniroot` uses as well: a step function has
 * many zeros, and only the same steps find the same one.
 */
export function zeroOf(f: (at: number) => number, { from, to, tolerance }: Bracket): number {
  const pointAt = (at: number): Point => ({ at, value: f(at) });
  let before = pointAt(from);
  let best = pointAt(to);
  if (before.value === 0) return before.at;
  // Opposite is the last point whose sign is not that of best.
  let opposite = before;
  for (let iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
    const lastStep = best.at - before.at;
    if (Math.abs(opposite.value) < Math.abs(best.value)) [before, best, opposite] = [best, opposite, best];
    const least = 2 * Number.EPSILON * Math.abs(best.at) + tolerance / 2;
    const half = (opposite.at - best.at) / 2;
    if (Math.abs(half) <= least || best.value === 0) return best.at;
    const step = interpolation({ before, best, opposite }, lastStep, least) ?? half;
    before = best;
    best = pointAt(best.at + (Math.abs(step) < least ? Math.sign(half) * least : step));
    if (best.value > 0 === opposite.value > 0) opposite = before;
  }
  return best.at;
}

interface Points {
  readonly before: Point;
  readonly best: Point;
  readonly opposite: Point;
}

/** The step that a line or an inverse parabola through the points suggests; null when halving is surer. */
function interpolation({ before, best, opposite }: Points, lastStep: number, least: number): number | null {
  if (Math.abs(lastStep) < least || Math.abs(before.value) <= Math.abs(best.value)) return null;
  const across = opposite.at - best.at;
  const s = best.value / before.value;
  let [numerator, denominator] = [across * s, 1 - s];
  if (before.at !== opposite.at) {
    const [q, r] = [before.value / opposite.value, best.value / opposite.value];
    numerator = s * (across * q * (q - r) - (best.at - before.at) * (r - 1));
    denominator = (q - 1) * (r - 1) * (s - 1);
  }
  if (numerator > 0) denominator = -denominator;
  numerator = Math.abs(numerator);
  const staysInside = numerator < 0.75 * across * denominator - Math.abs(least * denominator) / 2;
  const shrinks = numerator < Math.abs((lastStep * denominator) / 2);
  return staysInside && shrinks ? numerator / denominator : null;
}
