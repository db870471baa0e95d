import type { ClassificationRules } from '#domain/analysis/analysis.ts';
import type { Compared, Incomparable } from '#domain/analysis/mann-whitney.ts';

/** The values of `1.5×9 2 16.5×2`. */
export function repeatedValues(written: string): number[] {
  return written.split(' ').flatMap((part) => {
    const [value, times = '1'] = part.split('×');
    return Array.from({ length: Number(times) }, () => Number(value));
  });
}

export function compared(found: Compared | Incomparable): Compared {
  if (found.kind === 'compared') return found;
  throw new Error(`not compared: ${found.why}`);
}

/** `count` values that wave around `level` by `swing`, the same every time. */
export const waves = (level: number, count: number, swing = level / 10): number[] =>
  Array.from({ length: count }, (_, at) => level + swing * Math.sin(at * 1.7));

/** The rules of a metric that says nothing. */
export const RULES: ClassificationRules = {
  direction: 'either',
  nanStrategy: 'remove',
  outliers: { kind: 'keep' },
  tolerance: 0.25,
  effect: { measure: 'mean_ratio', allowed: { increase: 1, decrease: 1 } },
  criticality: { kind: 'normal' },
  mustHaveData: false,
};
