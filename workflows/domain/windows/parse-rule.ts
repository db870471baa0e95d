import { DateTime } from 'luxon';
import type { Frequency, Rule, RuleDay } from './rule.ts';

type Parsed = { readonly kind: 'rule'; readonly rule: Rule } | { readonly kind: 'refused'; readonly expected: string };

const PARTS = ['FREQ', 'INTERVAL', 'BYDAY', 'BYMONTHDAY', 'BYMONTH', 'UNTIL', 'WKST'] as const;
type Part = (typeof PARTS)[number];

/** What a rule could still want, and what to write instead. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  COUNT: 'UNTIL instead of COUNT',
  BYSETPOS: 'an ordinal in BYDAY (2TU, -1FR) instead of BYSETPOS',
  BYHOUR: 'the time of day in dtstart instead of BYHOUR',
  BYMINUTE: 'the time of day in dtstart instead of BYMINUTE',
  BYSECOND: 'the time of day in dtstart instead of BYSECOND',
  BYWEEKNO: 'BYMONTH and BYMONTHDAY instead of BYWEEKNO',
  BYYEARDAY: 'BYMONTH and BYMONTHDAY instead of BYYEARDAY',
};

const FREQUENCIES: readonly Frequency[] = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'];
const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const MOST_INTERVAL = 1_000;

/** The rule that `text` writes down, or the phrase that says what it had to be: every part that is not supported is refused. */
export function parseRule(text: string, timezone: string): Parsed {
  try {
    return { kind: 'rule', rule: ruleOf(partsOf(text), timezone) };
  } catch (error) {
    if (error instanceof Unlike) return { kind: 'refused', expected: error.expected };
    throw error;
  }
}

class Unlike extends Error {
  readonly expected: string;
  constructor(expected: string) {
    super(expected);
    this.expected = expected;
  }
}

function partsOf(text: string): Map<Part, string> {
  const parts = new Map<Part, string>();
  for (const piece of text.replace(/^RRULE:/i, '').split(';')) {
    const [name = '', value = '', ...more] = piece.toUpperCase().split('=');
    if (value === '' || more.length > 0) throw new Unlike('a rule such as FREQ=WEEKLY;BYDAY=SA,SU (RFC 5545)');
    const part = PARTS.find((one) => one === name);
    if (part === undefined) throw new Unlike(ELSEWHERE[name] ?? `a rule of the parts ${PARTS.join(', ')}, not ${name}`);
    if (parts.has(part)) throw new Unlike(`a rule with ${part} once`);
    parts.set(part, value);
  }
  return parts;
}

function ruleOf(parts: ReadonlyMap<Part, string>, timezone: string): Rule {
  const frequency = FREQUENCIES.find((one) => one === parts.get('FREQ'));
  if (frequency === undefined) throw new Unlike(`a rule with FREQ one of ${FREQUENCIES.join(', ')}`);
  const until = parts.get('UNTIL');
  const weekStart = WEEKDAYS.indexOf(parts.get('WKST') ?? 'MO');
  if (weekStart < 0) throw new Unlike(`WKST one of ${WEEKDAYS.join(', ')}`);
  const byMonthDay = numbers(parts, 'BYMONTHDAY', 31, 'signed');
  if (byMonthDay.length > 0 && frequency === 'WEEKLY') throw new Unlike('BYDAY instead of BYMONTHDAY with FREQ=WEEKLY');
  return {
    frequency,
    interval: numbers(parts, 'INTERVAL', MOST_INTERVAL, 'positive')[0] ?? 1,
    byDay: (parts.get('BYDAY')?.split(',') ?? []).map((day) => ruleDay(day, frequency)),
    byMonthDay,
    byMonth: numbers(parts, 'BYMONTH', 12, 'positive'),
    untilMs: until === undefined ? null : untilOf(until, timezone),
    weekStart,
  };
}

function numbers(parts: ReadonlyMap<Part, string>, part: Part, most: number, sign: 'positive' | 'signed'): number[] {
  const given = parts.get(part);
  if (given === undefined) return [];
  const pattern = sign === 'signed' ? /^[+-]?\d{1,4}$/ : /^\d{1,4}$/;
  const read = given.split(',').map((one) => (pattern.test(one) ? Number(one) : 0));
  const isList = part !== 'INTERVAL' || read.length === 1;
  if (isList && read.every((one) => one !== 0 && Math.abs(one) <= most)) return read;
  throw new Unlike(`${part} from ${sign === 'signed' ? `-${most} to -1 or ` : ''}1 to ${most}`);
}

function ruleDay(text: string, frequency: Frequency): RuleDay {
  const [, ordinal = '', name = ''] = /^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$/.exec(text) ?? [];
  const most = frequency === 'MONTHLY' ? 5 : 53;
  const isNumbered = ordinal !== '';
  if (name === '' || (isNumbered && (Number(ordinal) === 0 || Math.abs(Number(ordinal)) > most))) {
    throw new Unlike(`BYDAY with days such as MO, SA or, of months, 2TU and -1FR`);
  }
  if (isNumbered && frequency !== 'MONTHLY' && frequency !== 'YEARLY') {
    throw new Unlike(`FREQ=MONTHLY or YEARLY with an ordinal such as ${text}`);
  }
  return { weekday: WEEKDAYS.indexOf(name), ordinal: isNumbered ? Number(ordinal) : null };
}

const LAST_MS_OF_DAY = 86_399_999;

/** A date, a local time, or an instant in UTC; all are compared on the window's wall clock. */
function untilOf(text: string, timezone: string): number {
  const isDate = text.length === 8;
  const format = isDate ? 'yyyyMMdd' : "yyyyMMdd'T'HHmmss";
  const isUtc = text.endsWith('Z');
  const at = DateTime.fromFormat(isUtc ? text.slice(0, -1) : text, format, { zone: 'UTC' });
  if (!at.isValid) throw new Unlike('UNTIL such as 20261231 or 20261231T220000Z');
  const local = isUtc ? at.setZone(timezone).setZone('UTC', { keepLocalTime: true }) : at;
  return local.toMillis() + (isDate ? LAST_MS_OF_DAY : 0);
}
