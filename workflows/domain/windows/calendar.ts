/** A day of the calendar; months are 1 to 12. */
interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly dayOfMonth: number;
}

export const DAY_MS = 86_400_000;

/** The date of a day since 1970-01-01. */
export function dateOf(day: number): CalendarDate {
  const date = new Date(day * DAY_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, dayOfMonth: date.getUTCDate() };
}

export const daysOfMonth = ({ year, month }: CalendarDate): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

export const daysOfYear = ({ year }: CalendarDate): number =>
  (Date.UTC(year + 1, 0, 1) - Date.UTC(year, 0, 1)) / DAY_MS;
