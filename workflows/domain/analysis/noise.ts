/** Noise is this part of the value. */
const PART = 1e-5;
const TWO_TO_32 = 2 ** 32;

/**
 * `values` with Gaussian noise of 1e-5 of each. The noise is the same in every run, for a verdict that differs when it is
 * taken again is none; `seed` sets two sides apart.
 */
export function withNoise(values: readonly number[], seed: number): number[] {
  const next = uniforms(seed);
  return values.map((value) => value + PART * Math.abs(value) * gaussian(next));
}

/** Nearly normal: twelve uniform numbers have variance 1. Sums alone, so that every machine gets the same bits. */
function gaussian(next: () => number): number {
  let sum = -6;
  for (let drawn = 0; drawn < 12; drawn++) sum += next();
  return sum;
}

/** Numbers from 0 to 1: the congruential generator of Knuth and Lewis (Numerical Recipes, chapter 7). */
function uniforms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / TWO_TO_32;
  };
}
