import type { Iso } from '../time.ts';
import { WEEKDAYS } from '../windows/window.ts';
import { zoneOffsetMs } from '../windows/zone-offset.ts';

/** An instant, and what a clock on the wall of a time zone shows then. */
export interface WallClock {
  readonly at: Date;
  readonly timezone: string;
  /** `2026-03-20` */
  readonly date: string;
  /** `22:05` */
  readonly time: string;
  /** `mon` to `sun`. */
  readonly weekday: string;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

export function wallClock(now: Iso, timezone: string): WallClock {
  const at = new Date(now);
  const local = new Date(at.getTime() + zoneOffsetMs(timezone, at.getTime()));
  const text = local.toISOString();
  return {
    at,
    timezone,
    date: text.slice(0, 10),
    time: text.slice(11, 16),
    // Sunday is 0 there and last here.
    weekday: WEEKDAYS[(local.getUTCDay() + 6) % 7] ?? 'mon',
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
  };
}
