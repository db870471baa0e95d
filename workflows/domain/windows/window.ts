import type { Rule } from './rule.ts';

/** When an environment may be deployed to, or must not be, read on the wall clock of `timezone`. */
export interface DeploymentWindow {
  /** Within its environment. */
  readonly name: string;
  /** `deny` wins over every `allow`. */
  readonly kind: 'allow' | 'deny';
  /** IANA name. */
  readonly timezone: string;
  readonly hours: DailyHours | RecurringHours;
}

/** On every day, or on those of `days`. An end at or before the start is on the next day. */
interface DailyHours {
  readonly kind: 'daily';
  /** `HH:MM`, 00:00 to 23:59. */
  readonly startTime: string;
  /** `HH:MM`, 00:00 to 24:00. */
  readonly endTime: string;
  /** On which it begins; null means every day. */
  readonly days: readonly Weekday[] | null;
}

/** From the time of day of `dtstart`, for `durationMs` of the wall clock, on the days that an RFC 5545 rule gives. */
interface RecurringHours {
  readonly kind: 'rule';
  /** As it was written. */
  readonly rrule: string;
  readonly rule: Rule;
  /** `YYYY-MM-DDTHH:MM` or with seconds, local time. */
  readonly dtstart: string;
  readonly durationMs: number;
}

/** In the order of the week of ISO 8601. */
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** The name under which the single window of an environment stands beside its list. */
export const SINGLE_WINDOW = 'deployment_window';
