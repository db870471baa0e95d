import { DateTime } from 'luxon';
import type { Iso } from '../time.ts';

/** When an environment may be deployed to, every day, read on the wall clock of `timezone`. An end before the start is on the next day. */
export interface DeploymentWindow {
  /** `HH:MM`, 00:00 to 23:59. */
  readonly startTime: string;
  /** `HH:MM`, 00:00 to 24:00. */
  readonly endTime: string;
  /** IANA name. */
  readonly timezone: string;
}

const DAY_MINUTES = 1440;

/**
 * Whether the window is open at `atIso`. The wall clock decides: an hour that a daylight-saving change repeats is open both
 * times, one that it skips never is.
 */
export function isOpen(window: DeploymentWindow, atIso: Iso): boolean {
  return isOpenAt(window, localTime(window, atIso));
}

/** The first instant at or after `atIso` at which the window is open (`atIso` itself when it is open then), in UTC. */
export function nextOpening(window: DeploymentWindow, atIso: Iso): Iso {
  let at = localTime(window, atIso);
  while (!isOpenAt(window, at)) {
    const untilStart = (minutes(window.startTime) - minuteOfDay(at) + DAY_MINUTES) % DAY_MINUTES;
    const opening = at.startOf('minute').plus({ milliseconds: untilStart * 60_000 });
    // Up to a change of the clock its minutes count one by one; behind it the search begins anew, and may end at once.
    at = opening.offset === at.offset ? opening : firstInstantOfOffset(at, opening);
  }
  return iso(at);
}

/** The window as people read it: `02:00–06:00 UTC`. */
export const describeWindow = (window: DeploymentWindow): string =>
  `${window.startTime}–${window.endTime} ${window.timezone}`;

function isOpenAt(window: DeploymentWindow, at: DateTime): boolean {
  const [start, end, now] = [minutes(window.startTime), minutes(window.endTime), minuteOfDay(at)];
  return start < end ? now >= start && now < end : now >= start || now < end;
}

/** The change of the clock between `before` and `after`, whose offsets differ: the first whole second of the new offset. */
function firstInstantOfOffset(before: DateTime, after: DateTime): DateTime {
  let [low, high] = [Math.floor(before.toSeconds()), Math.ceil(after.toSeconds())];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (DateTime.fromSeconds(middle, { zone: before.zone }).offset === before.offset) low = middle;
    else high = middle;
  }
  return DateTime.fromSeconds(high, { zone: before.zone });
}

const localTime = (window: DeploymentWindow, atIso: Iso): DateTime =>
  DateTime.fromISO(atIso, { zone: window.timezone });

const minuteOfDay = (at: DateTime): number => at.hour * 60 + at.minute;

function minutes(timeOfDay: string): number {
  const [hours = 0, rest = 0] = timeOfDay.split(':').map(Number);
  return hours * 60 + rest;
}

function iso(at: DateTime): Iso {
  return at.toUTC().toJSDate().toISOString();
}
