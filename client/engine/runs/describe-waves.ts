import type { WaveTally } from '../../../activities/adapters/postgres/run-counts.ts';
import { executed, failures, pending } from '#domain/fleet/counts.ts';
import { failureRatePercent } from '#domain/fleet/thresholds.ts';
import type { WaveView } from '#domain/run/run-view.ts';
import type { RunStatus } from './run-status.ts';
import { stagedOnly, sumCounts } from './run-progress.ts';

// `waiting` too: its devices have been offered, only the journal has not said so yet.
const MARKS: Readonly<Record<WaveView['state'], string>> = {
  waiting: '▸',
  offering: '▸',
  passed: '✓',
  short: '!',
  stopped: '✗',
};

/** `wave 1 ✓ 20/20 · wave 2 ▸ 45/100 · 0 failed`: devices that ended of those that the wave has to bring over. */
export function describeWavesSoFar({ row, waves, wayBack }: RunStatus): string {
  const counts = sumCounts(waves);
  const [misfits, withoutWayBack] = [leftOut(waves, 'misfit'), leftOut(waves, 'no-way-back')];
  const current = counts.skipped - misfits - withoutWayBack;
  if (counts.offered === 0) {
    return current > 0 ? `no device offered yet; ${current} have the version already` : 'no device offered yet';
  }
  const begun = waves.filter((wave) => wave.counts.offered > 0);
  const parts = inGroups(begun, row.view?.waves ?? []).map(
    ({ label, mark, tally }) => `${label} ${mark} ${executed(tally.counts)}/${tally.targets}`,
  );
  const failed = failures(counts);
  parts.push(failed === 0 ? '0 failed' : `${failed} failed (${round(failureRatePercent(counts))} %)`);
  const staged = stagedOnly(waves);
  if (row.closed && pending(counts) > staged) parts.push(`${pending(counts) - staged} pending`);
  if (row.closed && staged > 0) parts.push(`${staged} only staged`);
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

/** Waves that are told together. */
export interface WaveGroup {
  /** `wave 3`, `waves 1–31`. */
  readonly label: string;
  readonly mark: string;
  readonly tally: WaveTally;
}

/** More waves than these are told by one line for all that passed. */
const MOST_TOLD_APART = 5;

/** The waves that began, those that passed in a row as one when there are many. */
export function inGroups(begun: readonly WaveTally[], views: readonly WaveView[]): WaveGroup[] {
  const stateOf = ({ wave }: WaveTally): WaveView['state'] =>
    views.find((one) => one.wave === wave)?.state ?? 'offering';
  const groups: { state: WaveView['state']; tallies: WaveTally[] }[] = [];
  for (const tally of begun) {
    const state = stateOf(tally);
    const last = groups.at(-1);
    if (begun.length > MOST_TOLD_APART && state === 'passed' && last?.state === 'passed') last.tallies.push(tally);
    else groups.push({ state, tallies: [tally] });
  }
  return groups.map(({ state, tallies }) => ({
    label: labelOf(tallies),
    mark: MARKS[state],
    tally: together(tallies),
  }));
}

function labelOf(tallies: readonly WaveTally[]): string {
  const [first, last] = [tallies[0]?.wave ?? 0, tallies.at(-1)?.wave ?? 0];
  const operation = tallies.length === 1 ? (tallies[0]?.operation ?? 'install') : 'install';
  const what = operation === 'install' ? '' : ` (${operation})`;
  return first === last ? `wave ${first}${what}` : `waves ${first}–${last}`;
}

const together = (tallies: readonly WaveTally[]): WaveTally => ({
  wave: tallies[0]?.wave ?? 0,
  operation: tallies[0]?.operation ?? 'install',
  targets: tallies.reduce((sum, { targets }) => sum + targets, 0),
  counts: sumCounts(tallies),
  leftOut: { misfit: leftOut(tallies, 'misfit'), 'no-way-back': leftOut(tallies, 'no-way-back') },
});

const round = (percent: number): number => Math.round(percent * 10) / 10;
