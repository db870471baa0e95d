import { describe, expect, it, test } from 'vitest';
import { describeHours, describeWindow } from '#domain/windows/describe-window.ts';
import { standingAt } from '#domain/windows/standing.ts';
import type { DeploymentWindow } from '#domain/windows/window.ts';
import { daily, recurring } from '../../support/windows/window-builder.ts';

const NIGHT = daily('02:00', '06:00');
const OVER_MIDNIGHT = daily('22:00', '02:00');
const BERLIN = { timezone: 'Europe/Berlin' };
const BERLIN_NIGHT = daily('02:00', '06:00', BERLIN);
const DENY = { kind: 'deny', name: 'closing' } as const;
const WEEKEND = recurring('FREQ=WEEKLY;BYDAY=SA', { dtstart: '2026-01-03T00:00', hours: 48 });

/** `open until …` or `closed until … because …`, as the tables below say it. */
function told(windows: readonly DeploymentWindow[], at: string): string {
  const standing = standingAt(windows, at);
  const names = (list: readonly DeploymentWindow[]): string => list.map(({ name }) => name).join(' ') || '-';
  return standing.kind === 'open'
    ? `open until ${standing.until ?? 'ever'} by ${names(standing.by)}`
    : `closed until ${standing.opensAt ?? 'ever'} because ${names(standing.because)}`;
}

describe('one allow window', () => {
  test.each([
    ['just before the start', NIGHT, '2026-05-01T01:59:59.999Z', 'closed until 2026-05-01T02:00:00.000Z'],
    ['at the start', NIGHT, '2026-05-01T02:00:00.000Z', 'open until 2026-05-01T06:00:00.000Z'],
    ['just before the end', NIGHT, '2026-05-01T05:59:59.999Z', 'open until 2026-05-01T06:00:00.000Z'],
    ['at the end', NIGHT, '2026-05-01T06:00:00.000Z', 'closed until 2026-05-02T02:00:00.000Z'],
    ['in the evening before midnight', OVER_MIDNIGHT, '2026-05-01T23:30:00.000Z', 'open until 2026-05-02T02:00:00'],
    ['at midnight', OVER_MIDNIGHT, '2026-05-02T00:00:00.000Z', 'open until 2026-05-02T02:00:00.000Z'],
    ['after midnight', OVER_MIDNIGHT, '2026-05-02T02:00:00.000Z', 'closed until 2026-05-02T22:00:00.000Z'],
    ['up to 24:00', daily('20:00', '24:00'), '2026-05-01T23:59:59.000Z', 'open until 2026-05-02T00:00:00.000Z'],
    ['all day long', daily('00:00', '24:00'), '2026-05-01T23:59:59.000Z', 'open until ever'],
    ['on its zone’s clock in winter', BERLIN_NIGHT, '2026-01-15T01:00:00.000Z', 'open until 2026-01-15T05:00:00.000Z'],
    ['on its zone’s clock in summer', BERLIN_NIGHT, '2026-07-15T00:00:00.000Z', 'open until 2026-07-15T04:00:00.000Z'],
  ])('%s', (_when, window, at, expected) => {
    expect(told([window], at)).toContain(expected);
  });

  // 2026-05-01 is a Friday.
  const FRIDAYS = daily('22:00', '02:00', { days: ['fri'] });
  test.each([
    ['is on from its day', '2026-05-01T22:00:00.000Z', 'open until 2026-05-02T02:00:00.000Z'],
    ['and past its midnight', '2026-05-02T01:00:00.000Z', 'open until 2026-05-02T02:00:00.000Z'],
    ['but not on the evening after', '2026-05-02T22:30:00.000Z', 'closed until 2026-05-08T22:00:00.000Z'],
  ])('of one day of the week %s', (_what, at, expected) => {
    expect(told([FRIDAYS], at)).toContain(expected);
  });
});

// Berlin 2026: 29 March 02:00 CET becomes 03:00 CEST (01:00Z); 25 October 03:00 CEST becomes 02:00 CET (01:00Z).
// New York 2026: 8 March 02:00 EST becomes 03:00 EDT (07:00Z); 1 November 02:00 EDT becomes 01:00 EST (06:00Z).
// Lord Howe 2026: 5 April 02:00 becomes 01:30 (4 April 15:00Z); 4 October 02:00 becomes 02:30 (3 October 15:30Z).
describe('a change of the clock', () => {
  const NEW_YORK = { timezone: 'America/New_York' };
  const LORD_HOWE = { timezone: 'Australia/Lord_Howe' };
  test.each([
    ['spring begins a window late', BERLIN_NIGHT, '2026-03-29T00:30:00.000Z', 'closed until 2026-03-29T01:00:00.000Z'],
    [
      'spring takes all of a window',
      daily('02:00', '02:30', BERLIN),
      '2026-03-29T00:30:00.000Z',
      'closed until 2026-03-30T00:00:00.000Z',
    ],
    [
      'spring does not cut a window in two',
      daily('01:00', '05:00', BERLIN),
      '2026-03-29T00:30:00.000Z',
      'open until 2026-03-29T03:00:00.000Z',
    ],
    [
      'autumn opens a window',
      daily('02:30', '03:00', BERLIN),
      '2026-10-25T00:15:00.000Z',
      'closed until 2026-10-25T00:30:00.000Z',
    ],
    [
      'autumn closes it at the change',
      daily('02:30', '03:00', BERLIN),
      '2026-10-25T00:45:00.000Z',
      'open until 2026-10-25T01:00:00.000Z',
    ],
    [
      'autumn opens it once more',
      daily('02:30', '03:00', BERLIN),
      '2026-10-25T01:00:00.000Z',
      'closed until 2026-10-25T01:30:00.000Z',
    ],
    [
      'autumn turns back into a window',
      daily('22:00', '02:30', BERLIN),
      '2026-10-25T00:45:00.000Z',
      'closed until 2026-10-25T01:00:00.000Z',
    ],
    [
      'New York skips 02:00 to 03:00',
      daily('02:15', '02:45', NEW_YORK),
      '2026-03-08T06:00:00.000Z',
      'closed until 2026-03-09T06:15:00.000Z',
    ],
    [
      'New York has 01:30 twice',
      daily('01:30', '02:00', NEW_YORK),
      '2026-11-01T06:00:00.000Z',
      'closed until 2026-11-01T06:30:00.000Z',
    ],
    [
      'Lord Howe goes back half an hour',
      daily('01:45', '02:00', LORD_HOWE),
      '2026-04-04T15:00:00.000Z',
      'closed until 2026-04-04T15:15:00.000Z',
    ],
    [
      'Lord Howe goes on half an hour',
      daily('02:00', '02:45', LORD_HOWE),
      '2026-10-03T15:00:00.000Z',
      'closed until 2026-10-03T15:30:00.000Z',
    ],
    [
      'a rule’s time of day stays the same on the wall clock',
      recurring('FREQ=WEEKLY;BYDAY=SA', { dtstart: '2026-01-03T22:00', hours: 8 }, BERLIN),
      '2026-03-28T20:00:00.000Z',
      'closed until 2026-03-28T21:00:00.000Z',
    ],
    [
      'and so does its end',
      recurring('FREQ=WEEKLY;BYDAY=SA', { dtstart: '2026-01-03T22:00', hours: 8 }, BERLIN),
      '2026-03-28T21:00:00.000Z',
      'open until 2026-03-29T04:00:00.000Z',
    ],
  ])('%s', (_what, window, at, expected) => {
    expect(told([window], at)).toContain(expected);
  });
});

describe('several windows', () => {
  const LUNCH = daily('12:00', '13:00', { name: 'lunch' });
  const EARLY = daily('05:00', '08:00', { name: 'early' });
  const SEAM = daily('06:00', '07:00', { name: 'seam' });
  const HOLIDAY = recurring('FREQ=YEARLY', { dtstart: '2025-12-24T00:00', hours: 72 }, DENY);
  test.each([
    ['none is always open', [], '2026-05-01T03:00:00.000Z', 'open until ever by -'],
    ['any allow opens', [NIGHT, LUNCH], '2026-05-01T12:30:00.000Z', 'open until 2026-05-01T13:00:00.000Z by lunch'],
    ['the first allow to come opens', [NIGHT, LUNCH], '2026-05-01T08:00:00.000Z', 'closed until 2026-05-01T12:00:00'],
    ['overlapping ones join', [NIGHT, EARLY], '2026-05-01T03:00:00.000Z', 'open until 2026-05-01T08:00:00.000Z'],
    ['those that meet join', [NIGHT, SEAM], '2026-05-01T03:00:00.000Z', 'open until 2026-05-01T07:00:00.000Z'],
    [
      'closed between them it names all',
      [NIGHT, LUNCH],
      '2026-05-01T08:00:00.000Z',
      'closed until 2026-05-01T12:00:00.000Z because nights lunch',
    ],
    [
      'deny wins',
      [daily('00:00', '24:00'), HOLIDAY],
      '2026-12-25T12:00:00.000Z',
      'closed until 2026-12-27T00:00:00.000Z because closing',
    ],
    [
      'after a deny the next allow opens',
      [NIGHT, HOLIDAY],
      '2026-12-25T12:00:00.000Z',
      'closed until 2026-12-27T02:00:00.000Z because closing',
    ],
    [
      'a deny ahead closes what is open',
      [daily('00:00', '24:00'), HOLIDAY],
      '2026-12-23T12:00:00.000Z',
      'open until 2026-12-24T00:00:00.000Z by nights',
    ],
    [
      'only denies leave the rest open',
      [HOLIDAY],
      '2026-12-23T12:00:00.000Z',
      'open until 2026-12-24T00:00:00.000Z by -',
    ],
    [
      'a deny of every hour never opens',
      [daily('00:00', '24:00', DENY)],
      '2026-05-01T00:00:00.000Z',
      'closed until ever because closing',
    ],
    [
      'a rule that is over never opens',
      [recurring('FREQ=DAILY;UNTIL=20260101', { dtstart: '2025-12-01T02:00', hours: 1 })],
      '2026-05-01T00:00:00.000Z',
      'closed until ever because weekends',
    ],
    [
      'a rule of 29 February is seen years ahead',
      [recurring('FREQ=YEARLY', { dtstart: '2024-02-29T00:00', hours: 1 })],
      '2024-03-01T00:00:00.000Z',
      'closed until 2028-02-29T00:00:00.000Z',
    ],
    ['a whole weekend is one', [WEEKEND], '2026-05-02T08:00:00.000Z', 'open until 2026-05-04T00:00:00.000Z'],
    [
      'overlapping runs of one rule join',
      [recurring('FREQ=DAILY', { dtstart: '2026-01-01T00:00', hours: 48 })],
      '2026-05-02T08:00:00.000Z',
      'open until ever',
    ],
  ])('%s', (_what, windows, at, expected) => {
    expect(told(windows, at)).toContain(expected);
  });
});

it('reads as people say it', () => {
  expect(describeHours(NIGHT)).toBe('02:00–06:00 UTC');
  expect(describeWindow(daily('22:00', '06:00', { ...BERLIN, days: ['mon', 'fri'] }))).toBe(
    'nights: mon, fri 22:00–06:00 Europe/Berlin',
  );
  expect(describeWindow({ ...WEEKEND, kind: 'deny' })).toBe(
    'weekends (deny): FREQ=WEEKLY;BYDAY=SA, 00:00 for 2 d, UTC',
  );
});
