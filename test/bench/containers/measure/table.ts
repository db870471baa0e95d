// Results as people read them.
import type { WindowReport } from '../load/load-report.ts';
import { total, type Leg, type SceneResult } from './scene.ts';
import { PHASES } from './stopwatch.ts';

const COLUMNS = [
  'deployment',
  'wall s',
  ...PHASES,
  'rest',
  'requests',
  'failed',
  'race',
  'slow',
  'steady ms',
  'during ms',
];

/** Two lines for each scene, forward and back; seconds, and p50/p99/max of kept connections in milliseconds. */
export function renderScenes(scenes: readonly { readonly name: string; readonly result: SceneResult }[]): string {
  const rows = scenes.flatMap(({ name, result }) => [
    rowOf(`${name} forward`, result, result.forward),
    rowOf(`${name} back`, result, result.back),
    wholeRow(`${name} in all`, result),
  ]);
  const widths = COLUMNS.map((column, at) => Math.max(column.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ');
  return [COLUMNS, ...rows].map(line).join('\n');
}

function rowOf(name: string, { steady }: SceneResult, { split, window }: Leg): string[] {
  const times = [split.wall, ...PHASES.map((phase) => split[phase]), split.rest].map(seconds);
  return [name, ...times, ...countsOf(window), latencyOf(steady), latencyOf(window)];
}

function wholeRow(name: string, { steady, whole }: SceneResult): string[] {
  const times = [seconds(whole.durationMs), ...PHASES.map(() => ''), ''];
  return [name, ...times, ...countsOf(whole), latencyOf(steady), latencyOf(whole)];
}

function countsOf(window: WindowReport): string[] {
  const { requests, failed, races, slow } = total(window);
  return [requests, failed, races, slow].map(String);
}

function latencyOf({ kinds }: WindowReport): string {
  const { p50Ms, p99Ms, maxMs } = kinds.keepAlive.latency;
  return `${p50Ms.toFixed(2)}/${p99Ms.toFixed(1)}/${maxMs.toFixed(0)}`;
}

const seconds = (ms: number): string => (ms / 1000).toFixed(ms < 995 ? 3 : 2);
