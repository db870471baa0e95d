import { percentile } from './percentile.ts';

/**
 * The values between the fences min(1 %, Q1 − factor × IQR) and max(99 %, Q3 + factor × IQR), in their order. The outer
 * percentiles keep a sample whose middle half is one value from losing all others (Kayenta's IQRDetector with reduced
 * sensitivity).
 */
export function withoutOutliers(values: readonly number[], factor: number): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  const [q1, q3] = [percentile(sorted, 0.25), percentile(sorted, 0.75)];
  const reach = factor * (q3 - q1);
  const low = Math.min(percentile(sorted, 0.01), q1 - reach);
  const high = Math.max(percentile(sorted, 0.99), q3 + reach);
  return values.filter((value) => value >= low && value <= high);
}
