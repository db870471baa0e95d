import type { WaveSelection } from '#domain/plan/plan.ts';
import { compileDeviceFilter, type DeviceFilter } from './device-filter.ts';

type ChoosingWave = Extract<WaveSelection, { readonly kind: 'filter' | 'devices' }>;

/** How a wave by name or filter chooses. Throws FILTER_INVALID. */
export function chooserOf(wave: ChoosingWave): DeviceFilter {
  if (wave.kind === 'filter') return compileDeviceFilter(wave.filter);
  const things = new Set(wave.things);
  return ({ thing }) => things.has(thing);
}

/** The same for any wave: null for one that takes any device. */
export const waveChooser = (wave: WaveSelection): DeviceFilter | null =>
  wave.kind === 'filter' || wave.kind === 'devices' ? chooserOf(wave) : null;

/** True for devices that one of the waves may take. Which ones a percentage takes is only decided by the run. */
export function compileWaveFilter(waves: readonly WaveSelection[]): DeviceFilter {
  const choosers = waves.map(waveChooser);
  return (device) => choosers.some((chooses) => chooses === null || chooses(device));
}
