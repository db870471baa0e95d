import type { StrategyWaves } from '../strategies/strategy-input.ts';
import type { DeviceSelection } from './plan.ts';

type Counted = Pick<DeviceSelection, 'devices' | 'misfits' | 'waveDevices'>;

/**
 * Whether everything goes out at once, however it is spelt: strategy immediate, a first wave of 100 %, or, once they are
 * counted, a first wave that takes every device that the firmware fits. One device alone is not "everything": each wave of
 * a canary takes at least one.
 */
export function takesAllAtOnce({ strategy, waves }: StrategyWaves, counted: Counted | null): boolean {
  const [first] = waves;
  if (strategy.kind === 'immediate' || (first?.kind === 'percent' && first.percent >= 100)) return true;
  if (counted === null) return false;
  const fitting = counted.devices - (counted.misfits ?? 0);
  return fitting > 1 && (counted.waveDevices?.[0] ?? 0) >= fitting;
}
