import { zeroOf } from './brent.ts';
import { normalTail, twoSidedQuantile } from './normal.ts';

// The rank-sum test of Mann and Whitney with the interval of Hodges and Lehmann, as R's wilcox.test computes it for large
// samples (correct = TRUE, exact = FALSE) and Kayenta (spinnaker/kayenta) took it over.

/** Two samples in ascending order, finite values only. */
export interface SortedSamples {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

export interface RankStatistics {
  /** Sum of the ranks of x among all values, ties given their average. */
  readonly rankSum: number;
  /** Pairs in which x is above y, equal ones by half. */
  readonly u: number;
  /** Standard deviation of u when both came from one distribution, ties taken into account; 0 when all values are one. */
  readonly sigma: number;
}

/** How far x lies above y. */
export interface Compared {
  readonly kind: 'compared';
  /** Hodges and Lehmann's shift, in the unit of the samples. */
  readonly estimate: number;
  /** The confidence interval of the shift. */
  readonly lower: number;
  readonly upper: number;
  /** Two-sided, with continuity correction. */
  readonly pValue: number;
}

/** Each side has one value only, or their difference is no finite number: no interval exists. */
export interface Incomparable {
  readonly kind: 'incomparable';
  readonly why: string;
}

/**
 * Tolerance of every bound, in the unit of the samples: R's default. Where all that is searched is less than 1 wide it is
 * this part of it, or a time in seconds would be judged less exactly than the same time in milliseconds.
 */
const TOLERANCE = 1e-4;

/** Samples in any order; `confidence` such as 0.98. */
export function compareSamples(
  x: readonly number[],
  y: readonly number[],
  confidence: number,
): Compared | Incomparable {
  const samples = { x: x.toSorted(ascending), y: y.toSorted(ascending) };
  const ends = [first(samples.x) - last(samples.y), last(samples.x) - first(samples.y)] as const;
  if (!ends.every(Number.isFinite)) return { kind: 'incomparable', why: 'a side is empty or its values are too large' };
  // Exactly then the deviation is 0 at the one point that is searched.
  if (ends[0] === ends[1]) return { kind: 'incomparable', why: 'each side has one value only' };
  const z = twoSidedQuantile(confidence);
  return {
    kind: 'compared',
    estimate: shiftAt(samples, ends, 0),
    lower: shiftAt(samples, ends, z),
    upper: shiftAt(samples, ends, -z),
    pValue: pValueOf(samples),
  };
}

/** The shift of x at which the standardised rank sum is `quantile`; an end of the interval when it is not reached within. */
function shiftAt(samples: SortedSamples, [from, to]: readonly [number, number], quantile: number): number {
  const distance = (mu: number): number => standardised(rankStatistics(samples, mu), samples) - quantile;
  if (distance(from) <= 0) return from;
  if (distance(to) >= 0) return to;
  return zeroOf(distance, { from, to, tolerance: TOLERANCE * Math.min(1, to - from) });
}

/** W: the distance of u from its expectation in standard deviations, moved towards 0 by half a pair. */
function standardised({ u, sigma }: RankStatistics, { x, y }: SortedSamples): number {
  const distance = u - (x.length * y.length) / 2;
  return distance === 0 ? 0 : (distance - Math.sign(distance) / 2) / sigma;
}

function pValueOf(samples: SortedSamples): number {
  const w = standardised(rankStatistics(samples, 0), samples);
  return Math.min(1, 2 * normalTail(Math.abs(w)));
}

/** Ranks of x − `mu` among itself and y. Merging what is sorted keeps this linear: it is asked some sixty times a comparison. */
export function rankStatistics({ x, y }: SortedSamples, mu = 0): RankStatistics {
  const [m, n] = [x.length, y.length];
  let [ofX, ofY, rankSum, tieTerm] = [0, 0, 0, 0];
  while (ofX < m || ofY < n) {
    const before = ofX + ofY;
    const next = Math.min((x[ofX] ?? Infinity) - mu, y[ofY] ?? Infinity);
    const fromX = ofX;
    while (ofX < m && (x[ofX] ?? NaN) - mu === next) ofX++;
    while (ofY < n && y[ofY] === next) ofY++;
    const tied = ofX + ofY - before;
    rankSum += (ofX - fromX) * (before + (tied + 1) / 2);
    tieTerm += tied ** 3 - tied;
  }
  const all = m + n;
  const sigma = Math.sqrt(((m * n) / 12) * (all + 1 - tieTerm / (all * (all - 1))));
  return { rankSum, u: rankSum - (m * (m + 1)) / 2, sigma };
}

const ascending = (a: number, b: number): number => a - b;
const first = (sorted: readonly number[]): number => sorted[0] ?? NaN;
const last = (sorted: readonly number[]): number => sorted.at(-1) ?? NaN;
