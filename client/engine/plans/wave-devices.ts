import type { DeviceFilter, FilteredDevice } from '../../../activities/adapters/cel/device-filter.ts';
import { waveChooser } from '../../../activities/adapters/cel/wave-filter.ts';
import { cumulativeTargets } from '#domain/fleet/waves.ts';
import type { WaveSelection } from '#domain/plan/plan.ts';

/**
 * Counts the devices of each wave as they come by. Which device a percentage takes is only decided by the run, so a wave by
 * filter after one by percentage or count is an estimate.
 */
export class WaveCount {
  readonly #waves: readonly WaveSelection[];
  /** How each wave chooses by name or filter; null for those that take any. */
  readonly #choosers: readonly (DeviceFilter | null)[];
  /** Places of the devices that each of these waves chooses. */
  readonly #chosen: readonly number[][];
  #total = 0;

  /** Throws FILTER_INVALID when a wave's filter is none. */
  constructor(waves: readonly WaveSelection[]) {
    this.#waves = waves;
    this.#choosers = waves.map(waveChooser);
    this.#chosen = waves.map(() => []);
  }

  add(device: FilteredDevice): void {
    const place = this.#total++;
    for (const [at, choose] of this.#choosers.entries()) if (choose?.(device)) this.#chosen[at]?.push(place);
  }

  /** Devices of each wave, in order. */
  counts(): number[] {
    const taken = new Uint8Array(this.#total);
    let all = 0;
    return this.#waves.map((wave, at) => {
      const places = this.#choosers[at] ? (this.#chosen[at] ?? []) : taken.keys();
      const most = this.#share(wave, all);
      let count = 0;
      for (const place of places) {
        if (count >= most) break;
        if (taken[place] === 1) continue;
        taken[place] = 1;
        count += 1;
      }
      all += count;
      return count;
    });
  }

  #share(wave: WaveSelection, taken: number): number {
    switch (wave.kind) {
      case 'percent':
        return Math.max(0, cumulativeTargets(this.#total, wave.percent) - taken);
      case 'count':
        return wave.count;
      case 'filter':
      case 'devices':
        return this.#total;
    }
  }
}
