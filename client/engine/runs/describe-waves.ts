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
  const [misfits, withoutWayBack] = [leftOut(waves, 'misfit'), leftOut(waves, 'no-way-back')];
  const current = counts.skipped - misfits - withoutWayBack;
  if (counts.offered === 0) {
    return current > 0 ? `no device offered yet; ${current} have the version already` : 'no device offered yet';
  }
  const parts = waves
    .filter((wave) => wave.counts.offered > 0)
    .map((wave) => `wave ${wave.wave} ${markOf(wave, row.view?.waves)} ${executed(wave.counts)}/${wave.targets}`);
  const failed = failures(counts);
  parts.push(failed === 0 ? '0 failed' : `${failed} failed (${round(failureRatePercent(counts))} %)`);
  if (row.closed && pending(counts) > 0) parts.push(`${pending(counts)} pending`);
  if (counts.canceled > 0) parts.push(`${counts.canceled} withdrawn`);
  if (current > 0) parts.push(`${current} had it already`);
  if (withoutWayBack > 0) parts.push(`${withoutWayBack} left out: no way back`);
  if (misfits > 0) parts.push(`${misfits} left out: the firmware does not fit`);
  if (wayBack.devices > 0) parts.push(`${wayBack.returned} of ${wayBack.devices} taken back`);
  if (wayBack.left > 0) parts.push(`${wayBack.left} left`);
  return parts.join(' · ');
}

const leftOut = (waves: readonly WaveTally[], why: keyof WaveTally['leftOut']): number =>
  waves.reduce((sum, wave) => sum + wave.leftOut[why], 0);

function markOf(tally: WaveTally, views: readonly WaveView[] | undefined): string {
  return MARKS[views?.find(({ wave }) => wave === tally.wave)?.state ?? 'offering'];
}

const round = (percent: number): number => Math.round(percent * 10) / 10;
