import { zeroOf } from './brent.ts';

// Rational approximation by J. F. Hart, as printed in G. West, Better Approximations to Cumulative Normal Functions (2005):
// right to about 1e-15, and far out to 1e-8 of itself. Highest power first.
const NUMERATOR = [
  3.52624965998911e-2, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931,
  220.206867912376,
];
const DENOMINATOR = [
  8.83883476483184e-2, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831,
  793.826512519948, 440.413735824752,
];
/** From here on a continued fraction is the better one. */
const FAR = 7.07106781186547;
const SQUARE_ROOT_OF_2_PI = 2.506628274631;

/** The probability that a standard normal value is above `z`. */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const density = Math.exp((-z * z) / 2);
  if (z < FAR) return (density * polynomial(NUMERATOR, z)) / polynomial(DENOMINATOR, z);
  const fraction = [4, 3, 2, 1].reduce((below, numerator) => z + numerator / below, z + 0.65);
  return density / (fraction * SQUARE_ROOT_OF_2_PI);
}

const polynomial = (coefficients: readonly number[], z: number): number =>
  coefficients.reduce((sum, coefficient) => sum * z + coefficient, 0);

/** How many standard deviations hold `confidence` (0.98) of a normal distribution, both sides alike: 2.326348. */
export function twoSidedQuantile(confidence: number): number {
  const tail = (1 - confidence) / 2;
  return zeroOf((z) => normalTail(z) - tail, { from: 0, to: 38, tolerance: 1e-12 });
}
