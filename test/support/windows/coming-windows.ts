// Windows that begin some time after now, whenever a test runs; time is then skipped to them.
import { DateTime } from 'luxon';
import type { RunWorld } from '../runs/run-world.ts';
import type { DeploymentWindow } from '#domain/windows/window.ts';
import { daily, recurring } from './window-builder.ts';

export const MINUTE_MS = 60_000;

/** Local time in UTC, `afterMs` from now. */
const inUtc = (afterMs: number): string => new Date(Date.now() + afterMs).toISOString().slice(0, 19);

/** An allow window of `minutes` every day, the first one in `inMs`. */
export const nightly = (inMs: number, minutes: number): DeploymentWindow =>
  recurring('FREQ=DAILY', { dtstart: inUtc(inMs), hours: minutes / 60 }, { name: 'nights' });

/** A deny window that is on for good. */
export const NEVER = daily('00:00', '24:00', { name: 'shut', kind: 'deny' });

/** The last Sunday of a month of next year in Europe/Berlin, when its clock changes in March and October. */
export function changeOfClock(month: 3 | 10): DateTime {
  const end = DateTime.fromObject({ year: new Date().getUTCFullYear() + 1, month, day: 31 }, { zone: 'Europe/Berlin' });
  return end.minus({ days: end.weekday % 7 }).startOf('day');
}

/** When steps of the plan began, by the run's clock, those whose id begins with `prefix`. */
export const beginnings = (run: RunWorld, prefix = 'offer'): number[] =>
  run.fleet
    .journal(run.runId)
    .filter(({ type, data }) => type === 'step-started' && String(data['step']).startsWith(prefix))
    .map(({ at }) => Date.parse(at));

/** The entries that say why the run was parked. */
export const parkings = (run: RunWorld): Readonly<Record<string, unknown>>[] =>
  run.fleet
    .journal(run.runId)
    .filter(({ type }) => type === 'window-closed')
    .map(({ data }) => data);
