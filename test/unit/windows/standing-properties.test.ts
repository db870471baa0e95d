// The standing of windows against a second, simple account: a clock that is read once a minute.
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { standingAt } from '#domain/windows/standing.ts';
import { WEEKDAYS, type DeploymentWindow } from '#domain/windows/window.ts';
import { daily, recurring } from '../../support/windows/window-builder.ts';

const MINUTE_MS = 60_000;
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'];

const toTime = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

const time = fc.integer({ min: 0, max: 1439 }).map(toTime);
const zone = fc.constantFrom(...ZONES);
const kind = fc.constantFrom('allow', 'deny');
/** Around both changes of the clock of every one of these zones. */
const at = fc
  .oneof(
    fc.integer({ min: Date.UTC(2026, 2, 7), max: Date.UTC(2026, 3, 6) }),
    fc.integer({ min: Date.UTC(2026, 9, 2), max: Date.UTC(2026, 10, 3) }),
  )
  .map((ms) => Math.floor(ms / MINUTE_MS) * MINUTE_MS);

const dailyWindow = fc
  .tuple(time, time, zone, kind, fc.option(fc.uniqueArray(fc.constantFrom(...WEEKDAYS), { minLength: 1 })))
  .filter(([from, to]) => from !== to)
  .map(([from, to, timezone, one, days]) => daily(from, to, { timezone, kind: one, days }));

const weeklyWindow = fc
  .tuple(time, fc.integer({ min: 1, max: 60 }), zone, kind, fc.constantFrom('MO', 'WE', 'SA', 'SU,TU'))
  .map(([from, hours, timezone, one, days]) =>
    recurring(`FREQ=WEEKLY;BYDAY=${days}`, { dtstart: `2026-01-01T${from}`, hours }, { timezone, kind: one }),
  );

const RULE_DAYS: Readonly<Record<string, readonly number[]>> = { MO: [1], WE: [3], SA: [6], 'SU,TU': [7, 2] };

/** The wall clock read as a person does: which day, which minute, and the days before for as long as a window lasts. */
function isOn({ hours, timezone }: DeploymentWindow, atMs: number): boolean {
  const clock = DateTime.fromMillis(atMs, { zone: timezone });
  const minuteOfDay = clock.hour * 60 + clock.minute;
  const [from, minutes, days] =
    hours.kind === 'daily'
      ? [
          minuteOf(hours.startTime),
          (minuteOf(hours.endTime) - minuteOf(hours.startTime) + 1440) % 1440,
          hours.days?.map((day) => WEEKDAYS.indexOf(day) + 1) ?? [1, 2, 3, 4, 5, 6, 7],
        ]
      : [
          minuteOf(hours.dtstart.slice(11)),
          hours.durationMs / MINUTE_MS,
          RULE_DAYS[hours.rrule.split('BYDAY=')[1] ?? ''] ?? [],
        ];
  return [0, 1, 2, 3].some((ago) => {
    const since = minuteOfDay + ago * 1440 - from;
    return since >= 0 && since < minutes && days.includes(((clock.weekday - 1 - ago + 7) % 7) + 1);
  });
}

function isOpen(windows: readonly DeploymentWindow[], atMs: number): boolean {
  const on = windows.filter((one) => isOn(one, atMs));
  if (on.some((one) => one.kind === 'deny')) return false;
  return on.length > 0 || windows.every((one) => one.kind === 'deny');
}

describe('the standing of windows', () => {
  it('is what the wall clock of each says, and changes when it says, whatever the windows, zones and days', () => {
    const windows = fc.array(fc.oneof(dailyWindow, weeklyWindow), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(windows, at, (all, atMs) => {
        const standing = standingAt(all, new Date(atMs).toISOString());
        const wasOpen = isOpen(all, atMs);
        expect(standing.kind).toBe(wasOpen ? 'open' : 'closed');
        const change = standing.kind === 'open' ? standing.until : standing.opensAt;
        const changeMs = change === null ? Infinity : Date.parse(change);
        expect(changeMs).toBeGreaterThan(atMs);
        const seenMs = Math.min(changeMs, atMs + 86_400_000);
        for (let minute = atMs; minute < seenMs; minute += MINUTE_MS) expect(isOpen(all, minute)).toBe(wasOpen);
        if (change !== null) expect(isOpen(all, changeMs)).toBe(!wasOpen);
      }),
      { numRuns: 30 },
    );
  });

  it('does not depend on the order of the windows', () => {
    const windows = fc.uniqueArray(fc.oneof(dailyWindow, weeklyWindow), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(windows, at, (all, atMs) => {
        const iso = new Date(atMs).toISOString();
        const [one, other] = [standingAt(all, iso), standingAt([...all].reverse(), iso)];
        expect({ ...other, by: null, because: null }).toEqual({ ...one, by: null, because: null });
      }),
      { numRuns: 60 },
    );
  });
});
