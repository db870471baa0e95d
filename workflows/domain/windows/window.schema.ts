import type { z } from 'zod';
import {
  duration,
  listOf,
  NAME,
  NAME_EXPECTED,
  oneOf,
  section,
  text,
  timezone,
} from '../environments/fields.schema.ts';
import { parseRule } from './parse-rule.ts';
import { SINGLE_WINDOW, WEEKDAYS } from './window.ts';

const MONTH_MS = 31 * 86_400_000;
const MOST_WINDOWS = 50;

const timeOfDay = (pattern: RegExp, expected: string) => text('a time of day').regex(pattern, { error: expected });
const startTime = () => timeOfDay(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as "02:00"');
const endTime = () => timeOfDay(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'a time of day such as "06:00"');
const zone = () => timezone().default('UTC').describe('Whose clock the times are read on');

/** The window of an environment that has one, every day. */
export const DailyWindowSpec = section({
  start_time: startTime().describe('When it opens'),
  end_time: endTime().describe('When it closes; earlier than start_time means on the next day'),
  timezone: zone(),
}).refine((window) => window.start_time !== window.end_time, {
  error: 'two different times (without deployment_window an environment is always open)',
});
export type DailyWindowSpec = z.output<typeof DailyWindowSpec>;

const LOCAL_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/;

const fields = {
  name: text('a name').regex(NAME, { error: NAME_EXPECTED }).describe('Stands in the journal and in answers'),
  kind: oneOf(['allow', 'deny'])
    .default('allow')
    .describe('deny wins; without any allow all is open that is not denied'),
  timezone: zone(),
  start_time: startTime().optional().describe('When it begins'),
  end_time: endTime().optional().describe('When it ends; earlier than start_time means on the next day'),
  days: listOf('days', oneOf(WEEKDAYS))
    .min(1, { error: 'at least one day' })
    .optional()
    .describe('On which days it begins; default every day'),
  rrule: text('a rule').optional().describe('In the place of start_time: on which days, as RFC 5545 writes it'),
  dtstart: text('a local time')
    .refine((at) => LOCAL_TIME.test(at) && !Number.isNaN(Date.parse(`${at}Z`)), {
      error: 'a local time such as "2026-01-03T22:00", without zone',
    })
    .optional()
    .describe('Of rrule: the first day, and the time at which it begins'),
  duration: duration('above-zero', MONTH_MS).optional().describe('Of rrule: how long it lasts on the wall clock'),
};

const DAILY = ['start_time', 'end_time'] as const;
const RECURRING = ['rrule', 'dtstart', 'duration'] as const;

const WindowSpec = section(fields).superRefine((window, context) => {
  const refuse = (key: keyof typeof fields, message: string): void =>
    context.addIssue({ code: 'custom', path: [key], message, input: window[key] });
  const isRecurring = RECURRING.some((key) => window[key] !== undefined);
  const [needed, foreign] = isRecurring ? [RECURRING, [...DAILY, 'days'] as const] : [DAILY, [] as const];
  for (const key of foreign) if (window[key] !== undefined) refuse(key, `no ${key} beside ${RECURRING.join(', ')}`);
  const missing = needed.filter((key) => window[key] === undefined);
  // Said once where nothing tells yet which kind is meant.
  const told = !isRecurring && missing.length === DAILY.length ? missing.slice(0, 1) : missing;
  for (const key of told) refuse(key, EXPECTED[key]);
  if (!isRecurring && window.start_time !== undefined && window.start_time === window.end_time) {
    refuse('end_time', 'another time than start_time (00:00 to 24:00 is the whole day)');
  }
  const rule = window.rrule === undefined ? null : parseRule(window.rrule, window.timezone);
  if (rule?.kind === 'refused') refuse('rrule', rule.expected);
});
type WindowSpec = z.output<typeof WindowSpec>;

const EXPECTED: Readonly<Record<(typeof DAILY)[number] | (typeof RECURRING)[number], string>> = {
  start_time: 'a time of day such as "02:00", or rrule, dtstart and duration',
  end_time: 'a time of day such as "06:00", or rrule, dtstart and duration',
  rrule: 'a rule such as FREQ=WEEKLY;BYDAY=SA,SU (RFC 5545) beside dtstart and duration',
  dtstart: 'a local time such as "2026-01-03T22:00" beside rrule',
  duration: 'a duration such as 8h beside rrule',
};

/** The windows of an environment, each by a name of its own. */
export const WindowsSpec = listOf('windows', WindowSpec)
  .min(1, { error: 'at least one window (without deployment_windows an environment is always open)' })
  .max(MOST_WINDOWS, { error: `at most ${MOST_WINDOWS} windows` })
  .refine((windows) => new Set(windows.map(({ name }) => name)).size === windows.length, {
    error: 'a name of its own for each window',
  })
  .refine((windows) => windows.every(({ name }) => name !== SINGLE_WINDOW), {
    error: `no window named ${SINGLE_WINDOW}: that is the single one beside the list`,
  });
export type WindowsSpec = readonly WindowSpec[];
