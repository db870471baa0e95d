import type { WaveTally } from '../../../activities/adapters/postgres/run-counts.ts';
import { executed, failures, pending } from '#domain/fleet/counts.ts';
import { failureRatePercent } from '#domain/fleet/thresholds.ts';
import type { WaveView } from '#domain/run/run-view.ts';
import type { RunStatus } from './run-status.ts';
import { sumCounts } from './run-progress.ts';

// `waiting` too: its devices have been offered, only the journal has not said so yet.
const MARKS: Readonly<Record<WaveView['state'], string>> = {
  waiting: '▸',
  offering: '▸',
  passed: '✓',
  short: '!',
  stopped: '✗',
};

/** `wave 1 ✓ 20/20 · wave 2 ▸ 45/100 · 0 failed`: devices that ended of those that the wave has to bring over. */
export function describeWaves({ row, waves, wayBack }: RunStatus): string {
  const counts = sumCounts(waves);
  if (counts.offered === 0) {
    return counts.skipped > 0
      ? `no device offered yet; ${counts.skipped} have the version already`
      : 'no device offered yet';
  }
  const parts = waves
    .filter((wave) => wave.counts.offered > 0)
    .map((wave) => `wave ${wave.wave} ${markOf(wave, row.view?.waves)} ${executed(wave.counts)}/${wave.targets}`);
  const failed = failures(counts);
  parts.push(failed === 0 ? '0 failed' : `${failed} failed (${round(failureRatePercent(counts))} %)`);
  if (row.closed && pending(counts) > 0) parts.push(`${pending(counts)} pending`);
  if (counts.canceled > 0) parts.push(`${counts.canceled} withdrawn`);
  if (counts.skipped > 0) parts.push(`${counts.skipped} had it already`);
  if (wayBack.devices > 0) parts.push(`${wayBack.returned} of ${wayBack.devices} taken back`);
  if (wayBack.left > 0) parts.push(`${wayBack.left} left`);
  return parts.join(' · ');
}

function markOf(tally: WaveTally, views: readonly WaveView[] | undefined): string {
  return MARKS[views?.find(({ wave }) => wave === tally.wave)?.state ?? 'offering'];
}

const round = (percent: number): number => Math.round(percent * 10) / 10;
