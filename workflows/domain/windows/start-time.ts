import { DateTime } from 'luxon';
import type { Iso } from '../time.ts';

type StartTime = { readonly kind: 'time'; readonly at: Iso } | { readonly kind: 'refused'; readonly expected: string };

const INSTANT = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:?\d\d)$/i;
const TIME_OF_DAY = /^([01]\d|2[0-3]):([0-5]\d)$/;
const MOST_DAYS = 366;

export const INSTANT_EXPECTED = 'a time with its zone such as 2026-03-20T22:00Z or 2026-03-20T22:00+01:00';

/** The instant that `text` names with its zone, in UTC; null when it does not. */
export function readInstant(text: string): Iso | null {
  if (!INSTANT.test(text)) return null;
  const at = DateTime.fromISO(text.replace(' ', 'T').toUpperCase());
  return at.isValid ? at.toJSDate().toISOString() : null;
}

/** The instant that a person means by `text`: one with its zone, or the next time that a clock in `timezone` shows `HH:MM`. */
export function readStartTime(
  text: string,
  { timezone, now }: { readonly timezone: string; readonly now: Iso },
): StartTime {
  const [, hour, minute] = TIME_OF_DAY.exec(text) ?? [];
  const isOfDay = hour !== undefined && minute !== undefined;
  const at = isOfDay ? nextOnClock({ hour: Number(hour), minute: Number(minute) }, timezone, now) : readInstant(text);
  if (at === null) return { kind: 'refused', expected: `${INSTANT_EXPECTED}, or a time of day such as 22:30` };
  const problem = whyNotThen(at, now);
  return problem === null ? { kind: 'time', at } : { kind: 'refused', expected: problem };
}

/** Why nothing can be scheduled for `at`; null when it can. */
export function whyNotThen(at: Iso, now: Iso): string | null {
  if (at <= now) return `a time to come (now it is ${now.slice(0, 19)}Z)`;
  const latest = DateTime.fromISO(now).plus({ days: MOST_DAYS });
  return DateTime.fromISO(at) > latest ? `a time within ${MOST_DAYS} days` : null;
}

/** An hour that the clock shows twice counts both times; a time that it skips comes a day later. */
function nextOnClock(time: { readonly hour: number; readonly minute: number }, zone: string, now: Iso): Iso | null {
  const today = DateTime.fromISO(now, { zone }).startOf('day');
  for (const days of [0, 1, 2]) {
    const local = today.plus({ days }).set({ ...time, second: 0, millisecond: 0 });
    const isShown = local.hour === time.hour && local.minute === time.minute;
    const shown = isShown ? local.getPossibleOffsets().map((one) => one.toJSDate().toISOString()) : [];
    const next = shown.sort().find((at) => at > now);
    if (next !== undefined) return next;
  }
  return null;
}
