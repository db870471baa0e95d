// The summary as people read it.
import { PHASES } from './measure/stopwatch.ts';
import type { Side } from './pairs.ts';
import type { Comparison, Summary } from './summary.ts';

const SIDES: readonly Side[] = ['bare', 'durable'];
const COLUMNS = ['median of pairs, there and back', 'wall s', ...PHASES, 'rest', 'ratio', 'steady ms', 'during ms'];

/** Two lines for each comparison; seconds, and p50/p99/max of kept connections in milliseconds. */
export function renderSummary({ comparisons, counts, ratio, extras, loadAverage, missed }: Summary): string {
  const rows = [COLUMNS, ...comparisons.flatMap((one) => SIDES.map((side) => rowOf(one, side)))];
  const widths = COLUMNS.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const table = rows.map((row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
  );
  const beside = Object.entries(extras).map(
    ([retries, { weight, wayBackMs }]) =>
      `retries ${retries}: 10 % of ${weight.requests} requests are ${weight.seenPercent.toFixed(2)} %, ` +
      `decision to old version serving ${wayBackMs.map(Math.round).join(', ')} ms`,
  );
  const clients = SIDES.map((side) => {
    const { requests, failed, races, slowOver500Ms } = counts[side];
    return `${side}: ${requests} requests, ${failed} failed, ${races} races, ${slowOver500Ms} over 500 ms`;
  });
  const ratios = `ratio under load ${ratio.full ?? '-'} (goal 1.1), at rest ${ratio.none ?? '-'} (goal 1.25)`;
  const verdict = missed.length === 0 ? 'all goals met' : `missed: ${missed.join('; ')}`;
  return [...table, '', ...clients, ratios, ...beside, `load average ${loadAverage}`, verdict].join('\n');
}

function rowOf({ strategy, retries, load, ratio, split, traffic }: Comparison, side: Side): string[] {
  const { wall, rest, ...phases } = split[side];
  const seconds = [wall, ...PHASES.map((phase) => phases[phase]), rest].map((ms) => (ms / 1000).toFixed(2));
  const latency = (['steady', 'during'] as const).map((window) => {
    const found = traffic?.[side][window];
    return found ? `${found.p50.toFixed(1)}/${found.p99.toFixed(1)}/${found.max.toFixed(0)}` : '-';
  });
  const name = `${strategy}, load ${load}, retries ${retries}: ${side}`;
  return [name, ...seconds, side === 'durable' ? ratio.toFixed(3) : '', ...latency];
}
