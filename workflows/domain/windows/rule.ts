// The part of RFC 5545 that says days: all that a window needs of it, decided for one day at a time and so in bounded time,
// whatever the rule. Every other part of the standard is refused by name (parse-rule.ts), never ignored.
import { DAY_MS, dateOf, daysOfMonth, daysOfYear } from './calendar.ts';

export type Frequency = 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';

/** `2TU` is the second Tuesday of its month or year, `-1FR` the last Friday, `MO` every Monday. */
export interface RuleDay {
  /** 0 is Monday. */
  readonly weekday: number;
  readonly ordinal: number | null;
}

/** A recurrence rule; an empty list means that the part was left out. */
export interface Rule {
  readonly frequency: Frequency;
  readonly interval: number;
  readonly byDay: readonly RuleDay[];
  readonly byMonthDay: readonly number[];
  readonly byMonth: readonly number[];
  /** Of the wall clock, in milliseconds as if it were UTC's; null means for ever. Inclusive. */
  readonly untilMs: number | null;
  /** On which a week begins; 0 is Monday. */
  readonly weekStart: number;
}

/** Whether `rule`, begun on day `first`, has an occurrence on `day`; both are days since 1970-01-01. */
export function fallsOn(rule: Rule, first: number, day: number): boolean {
  return (
    day >= first &&
    periodsBetween(rule, first, day) % rule.interval === 0 &&
    isOfMonth(rule, first, day) &&
    isOfMonthDay(rule, first, day) &&
    isOfWeekday(rule, first, day)
  );
}

/** Weeks and months are counted from the one that holds the first day. */
function periodsBetween({ frequency, weekStart }: Rule, first: number, day: number): number {
  const [from, to] = [dateOf(first), dateOf(day)];
  switch (frequency) {
    case 'DAILY':
      return day - first;
    case 'WEEKLY':
      return weekOf(day, weekStart) - weekOf(first, weekStart);
    case 'MONTHLY':
      return (to.year - from.year) * 12 + to.month - from.month;
    case 'YEARLY':
      return to.year - from.year;
  }
}

/** 1970-01-01 was a Thursday. */
const weekdayOf = (day: number): number => (((day + 3) % 7) + 7) % 7;
const weekOf = (day: number, weekStart: number): number => Math.floor((day + 3 - weekStart) / 7);

/** What a yearly rule leaves open comes from its first day, as in the standard. */
function isOfMonth({ frequency, byMonth, byMonthDay, byDay }: Rule, first: number, day: number): boolean {
  const { month } = dateOf(day);
  if (byMonth.length > 0) return byMonth.includes(month);
  const isOpen = frequency !== 'YEARLY' || byMonthDay.length > 0 || byDay.length > 0;
  return isOpen || month === dateOf(first).month;
}

function isOfMonthDay({ frequency, byMonthDay, byDay }: Rule, first: number, day: number): boolean {
  const date = dateOf(day);
  if (byMonthDay.length > 0) {
    const fromEnd = date.dayOfMonth - daysOfMonth(date) - 1;
    return byMonthDay.includes(date.dayOfMonth) || byMonthDay.includes(fromEnd);
  }
  const isOpen = byDay.length > 0 || frequency === 'DAILY' || frequency === 'WEEKLY';
  return isOpen || date.dayOfMonth === dateOf(first).dayOfMonth;
}

function isOfWeekday(rule: Rule, first: number, day: number): boolean {
  const weekday = weekdayOf(day);
  if (rule.byDay.length === 0) return rule.frequency !== 'WEEKLY' || weekday === weekdayOf(first);
  return rule.byDay.some((one) => one.weekday === weekday && isOrdinal(rule, one.ordinal, day));
}

/** The ordinal counts within the month, or within the year when a yearly rule names no month. */
function isOrdinal({ frequency, byMonth }: Rule, ordinal: number | null, day: number): boolean {
  if (ordinal === null) return true;
  const date = dateOf(day);
  const isOfYear = frequency === 'YEARLY' && byMonth.length === 0;
  const [position, length] = isOfYear
    ? [day - Date.UTC(date.year, 0, 1) / DAY_MS + 1, daysOfYear(date)]
    : [date.dayOfMonth, daysOfMonth(date)];
  return ordinal > 0 ? Math.ceil(position / 7) === ordinal : Math.ceil((length - position + 1) / 7) === -ordinal;
}
