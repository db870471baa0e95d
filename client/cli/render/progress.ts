import pico from 'picocolors';
import type { WaveTally } from '../../../activities/adapters/postgres/run-counts.ts';
import { executed, failures } from '#domain/fleet/counts.ts';
import { ALL_TRAFFIC } from '#domain/containers/route.ts';
import type { TrafficView } from '#domain/run/run-view.ts';

const BAR_CELLS = 20;
/** Where the counts of every wave end, so that the bars begin below each other. */
const COUNTS_END = 19;

/** `wave 1   20/20   █████████████▓▓▓▓▓▓▓   65 %   7 failed`: full cells succeeded, half-tone ones failed, light ones are to come. */
export function waveLine(label: string, { targets, counts }: WaveTally, colour: boolean): string {
  const paint = pico.createColors(colour);
  const failed = failures(counts);
  const done = `${executed(counts)}/${targets}`.padStart(Math.max(1, COUNTS_END - label.length));
  const percent = `${targets === 0 ? 100 : Math.floor((counts.succeeded / targets) * 100)} %`.padStart(5);
  const pieces = bar(counts.succeeded, failed, targets);
  const cells = `${paint.green(pieces.succeeded)}${paint.red(pieces.failed)}${paint.dim(pieces.open)}`;
  return `${label}${done}   ${cells} ${percent}   ${failed} failed`;
}

/** The cells of a bar. A failure is never rounded away: one of a thousand takes a cell too. */
export function bar(succeeded: number, failed: number, total: number) {
  const share = (count: number): number => (total === 0 ? 0 : (Math.min(count, total) / total) * BAR_CELLS);
  const failedCells = failed === 0 ? 0 : Math.max(1, Math.round(share(failed)));
  const succeededCells = Math.min(Math.floor(share(succeeded) + 1e-9), BAR_CELLS - failedCells);
  return {
    succeeded: '█'.repeat(succeededCells),
    failed: '▓'.repeat(failedCells),
    open: '░'.repeat(BAR_CELLS - failedCells - succeededCells),
  };
}

/** `1.0.0 ███████████████░░░░░ 1.1.0 25 %`: full cells are the version before, light ones the new one; below it the instances. */
export function trafficBars({ before, weightBasisPoints, instances }: TrafficView, version: string, colour: boolean) {
  const paint = pico.createColors(colour);
  const cells = newCells(weightBasisPoints);
  const shares = `${paint.dim('█'.repeat(BAR_CELLS - cells))}${paint.green('░'.repeat(cells))}`;
  const old = before === null ? 'nothing' : before.version;
  return [
    `${old} ${shares} ${version} ${weightBasisPoints / 100} %`,
    `instances of ${version}: ${instances.ready}/${instances.wanted} ready`,
  ];
}

/** Neither version is rounded away while it gets anything. */
function newCells(weightBasisPoints: number): number {
  const exact = (weightBasisPoints / ALL_TRAFFIC) * BAR_CELLS;
  if (weightBasisPoints === 0 || weightBasisPoints === ALL_TRAFFIC) return exact;
  return Math.min(BAR_CELLS - 1, Math.max(1, Math.round(exact)));
}
