import type { EffectMeasure } from './analysis.ts';
import { rankStatistics } from './mann-whitney.ts';
import { mean } from './percentile.ts';

/** The size of the change from control to experiment by `measure`; null when it has none (a mean is 0). */
export function effectSize(
  measure: EffectMeasure,
  experiment: readonly number[],
  control: readonly number[],
): number | null {
  const effect = measure === 'cles' ? dominance(experiment, control) : meanRatio(experiment, control);
  // Adding 0 makes a 0 of -0, which JSON does not keep.
  return Number.isFinite(effect) ? effect + 0 : null;
}

function meanRatio(experiment: readonly number[], control: readonly number[]): number {
  const [above, below] = [mean(experiment), mean(control)];
  return above === 0 || below === 0 ? NaN : above / below;
}

/** The probability that a value of the experiment is above one of the control: McGraw and Wong's common language effect size. */
function dominance(experiment: readonly number[], control: readonly number[]): number {
  const [x, y] = [experiment.toSorted((a, b) => a - b), control.toSorted((a, b) => a - b)];
  return rankStatistics({ x, y }).u / (x.length * y.length);
}
