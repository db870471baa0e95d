import type { WaveSelection } from '#domain/plan/plan.ts';
import { compileDeviceFilter, type DeviceFilter } from './device-filter.ts';

/** How a wave chooses by name or filter; null for one that takes any device. Throws FILTER_INVALID. */
export function waveChooser(wave: WaveSelection): DeviceFilter | null {
  if (wave.kind === 'filter') return compileDeviceFilter(wave.filter);
  if (wave.kind !== 'devices') return null;
  const things = new Set(wave.things);
  return ({ thing }) => things.has(thing);
}

/** True for devices that one of the waves may take. Which ones a percentage takes is only decided by the run. */
export function compileWaveFilter(waves: readonly WaveSelection[]): DeviceFilter {
  const choosers = waves.map(waveChooser);
  return (device) => choosers.some((chooses) => chooses === null || chooses(device));
}
