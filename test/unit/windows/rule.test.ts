import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseRule } from '#domain/windows/parse-rule.ts';
import { fallsOn, type Rule } from '#domain/windows/rule.ts';

const DAY_MS = 86_400_000;
const dayOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY_MS;
const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

function rule(text: string, timezone = 'America/New_York'): Rule {
  const parsed = parseRule(text, timezone);
  if (parsed.kind === 'refused') throw new Error(parsed.expected);
  return parsed.rule;
}

/** The first `count` days of the rule from `first` on. */
function days(text: string, first: string, count: number): string[] {
  const found: string[] = [];
  const [begin, parsed] = [dayOf(first), rule(text)];
  for (let day = begin; found.length < count; day += 1) if (fallsOn(parsed, begin, day)) found.push(dateOf(day));
  return found;
}

// The examples of RFC 5545, section 3.8.5.3, in the parts that are supported.
test.each([
  ['FREQ=DAILY;INTERVAL=2', '1997-09-02', ['1997-09-02', '1997-09-04', '1997-09-06']],
  ['FREQ=DAILY;INTERVAL=10', '1997-09-02', ['1997-09-02', '1997-09-12', '1997-09-22', '1997-10-02']],
  ['FREQ=YEARLY;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA', '1998-01-01', ['1998-01-01', '1998-01-02', '1998-01-03']],
  ['FREQ=WEEKLY', '1997-09-02', ['1997-09-02', '1997-09-09', '1997-09-16']],
  ['FREQ=WEEKLY;INTERVAL=2;WKST=SU', '1997-09-02', ['1997-09-02', '1997-09-16', '1997-09-30', '1997-10-14']],
  ['FREQ=WEEKLY;WKST=SU;BYDAY=TU,TH', '1997-09-02', ['1997-09-02', '1997-09-04', '1997-09-09', '1997-09-11']],
  [
    'FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=MO,WE,FR',
    '1997-09-01',
    ['1997-09-01', '1997-09-03', '1997-09-05', '1997-09-15'],
  ],
  [
    'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO',
    '1997-08-05',
    ['1997-08-05', '1997-08-10', '1997-08-19', '1997-08-24'],
  ],
  [
    'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU',
    '1997-08-05',
    ['1997-08-05', '1997-08-17', '1997-08-19', '1997-08-31'],
  ],
  ['FREQ=MONTHLY;BYDAY=1FR', '1997-09-05', ['1997-09-05', '1997-10-03', '1997-11-07', '1997-12-05']],
  ['FREQ=MONTHLY;INTERVAL=2;BYDAY=1SU,-1SU', '1997-09-07', ['1997-09-07', '1997-09-28', '1997-11-02', '1997-11-30']],
  ['FREQ=MONTHLY;BYDAY=-2MO', '1997-09-22', ['1997-09-22', '1997-10-20', '1997-11-17', '1997-12-22']],
  ['FREQ=MONTHLY;BYMONTHDAY=-3', '1997-09-28', ['1997-09-28', '1997-10-29', '1997-11-28', '1997-12-29']],
  ['FREQ=MONTHLY;BYMONTHDAY=2,15', '1997-09-02', ['1997-09-02', '1997-09-15', '1997-10-02', '1997-10-15']],
  ['FREQ=MONTHLY;BYMONTHDAY=1,-1', '1997-09-30', ['1997-09-30', '1997-10-01', '1997-10-31', '1997-11-01']],
  [
    'FREQ=MONTHLY;INTERVAL=18;BYMONTHDAY=10,11,12',
    '1997-09-10',
    ['1997-09-10', '1997-09-11', '1997-09-12', '1999-03-10'],
  ],
  [
    'FREQ=MONTHLY;INTERVAL=2;BYDAY=TU',
    '1997-09-02',
    ['1997-09-02', '1997-09-09', '1997-09-16', '1997-09-23', '1997-09-30', '1997-11-04'],
  ],
  ['FREQ=MONTHLY', '1997-01-31', ['1997-01-31', '1997-03-31', '1997-05-31', '1997-07-31']],
  ['FREQ=YEARLY;BYMONTH=6,7', '1997-06-10', ['1997-06-10', '1997-07-10', '1998-06-10', '1998-07-10']],
  ['FREQ=YEARLY;INTERVAL=2;BYMONTH=1,2,3', '1997-03-10', ['1997-03-10', '1999-01-10', '1999-02-10', '1999-03-10']],
  ['FREQ=YEARLY;BYDAY=20MO', '1997-05-19', ['1997-05-19', '1998-05-18', '1999-05-17']],
  ['FREQ=YEARLY;BYMONTH=3;BYDAY=TH', '1997-03-13', ['1997-03-13', '1997-03-20', '1997-03-27', '1998-03-05']],
  ['FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13', '1997-09-02', ['1998-02-13', '1998-03-13', '1998-11-13', '1999-08-13']],
  ['FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13', '1997-09-13', ['1997-09-13', '1997-10-11', '1997-11-08']],
  [
    'FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8',
    '1996-11-05',
    ['1996-11-05', '2000-11-07', '2004-11-02'],
  ],
  ['FREQ=YEARLY', '2024-02-29', ['2024-02-29', '2028-02-29']],
  ['RRULE:freq=weekly;byday=mo', '2026-05-04', ['2026-05-04', '2026-05-11']],
])('%s from %s', (text, first, expected) => {
  expect(days(text, first, expected.length)).toEqual(expected);
});

it.each([
  ['a date, its whole day', '20260501', '2026-05-01T23:59:59.999Z'],
  ['a local time', '20260501T020000', '2026-05-01T02:00:00.000Z'],
  ['an instant, on the wall clock of the zone', '20260501T020000Z', '2026-04-30T22:00:00.000Z'],
])('UNTIL is %s', (_what, until, expected) => {
  expect(rule(`FREQ=DAILY;UNTIL=${until}`).untilMs).toBe(Date.parse(expected));
});

describe('is refused', () => {
  test.each([
    ['', /a rule such as FREQ=WEEKLY/],
    ['every saturday', /a rule such as FREQ=WEEKLY/],
    ['BYDAY=SA', /FREQ one of DAILY, WEEKLY, MONTHLY, YEARLY/],
    ['FREQ=HOURLY', /FREQ one of/],
    ['FREQ=SECONDLY', /FREQ one of/],
    ['FREQ=DAILY;FREQ=DAILY', /FREQ once/],
    ['FREQ=DAILY;COUNT=3', /UNTIL instead of COUNT/],
    ['FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1', /instead of BYSETPOS/],
    ['FREQ=DAILY;BYHOUR=2', /dtstart instead of BYHOUR/],
    ['FREQ=YEARLY;BYWEEKNO=20', /instead of BYWEEKNO/],
    ['FREQ=YEARLY;BYYEARDAY=1', /instead of BYYEARDAY/],
    ['FREQ=DAILY;X-EVERY=2', /of the parts FREQ, .*, not X-EVERY/],
    ['FREQ=DAILY;INTERVAL=0', /INTERVAL from 1 to 1000/],
    ['FREQ=DAILY;INTERVAL=1,2', /INTERVAL from 1/],
    ['FREQ=DAILY;INTERVAL=1.5', /INTERVAL from 1/],
    ['FREQ=MONTHLY;BYMONTHDAY=32', /BYMONTHDAY from -31 to -1 or 1 to 31/],
    ['FREQ=MONTHLY;BYMONTHDAY=0', /BYMONTHDAY from/],
    ['FREQ=YEARLY;BYMONTH=13', /BYMONTH from 1 to 12/],
    ['FREQ=YEARLY;BYMONTH=-1', /BYMONTH from 1 to 12/],
    ['FREQ=WEEKLY;BYDAY=XX', /BYDAY with days/],
    ['FREQ=WEEKLY;BYDAY=2TU', /FREQ=MONTHLY or YEARLY with an ordinal/],
    ['FREQ=MONTHLY;BYDAY=6TU', /BYDAY with days/],
    ['FREQ=WEEKLY;BYMONTHDAY=3', /BYDAY instead of BYMONTHDAY/],
    ['FREQ=DAILY;UNTIL=tomorrow', /UNTIL such as/],
    ['FREQ=DAILY;UNTIL=20260230', /UNTIL such as/],
    ['FREQ=DAILY;WKST=XX', /WKST one of/],
  ])('%s', (text, expected) => {
    expect(parseRule(text, 'UTC')).toMatchObject({
      kind: 'refused',
      expected: expect.stringMatching(expected) as string,
    });
  });

  it('or understood, whatever is written', () => {
    const part = fc.constantFrom('FREQ=', 'DAILY', 'MONTHLY', ';', 'BYDAY=', '-1FR', ',', 'UNTIL=2026', 'Z', '0', '=');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part, { maxLength: 8 }).map((all) => all.join('')),
        ),
        (text) => {
          expect(['rule', 'refused']).toContain(parseRule(text, 'UTC').kind);
        },
      ),
    );
  });
});
