import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { describeWindow, isOpen, nextOpening, type DeploymentWindow } from '#domain/environments/window.ts';

const window = (startTime: string, endTime: string, timezone = 'UTC'): DeploymentWindow => ({
  startTime,
  endTime,
  timezone,
});

const NIGHT = window('02:00', '06:00');
const OVER_MIDNIGHT = window('22:00', '02:00');
const BERLIN_NIGHT = window('02:00', '06:00', 'Europe/Berlin');

describe('isOpen', () => {
  test.each([
    ['a second before the start', NIGHT, '2026-05-01T01:59:59.999Z', false],
    ['at the start', NIGHT, '2026-05-01T02:00:00.000Z', true],
    ['a moment before the end', NIGHT, '2026-05-01T05:59:59.999Z', true],
    ['at the end', NIGHT, '2026-05-01T06:00:00.000Z', false],
    ['in the evening of one over midnight', OVER_MIDNIGHT, '2026-05-01T23:30:00.000Z', true],
    ['at midnight of one over midnight', OVER_MIDNIGHT, '2026-05-02T00:00:00.000Z', true],
    ['after one over midnight', OVER_MIDNIGHT, '2026-05-02T02:00:00.000Z', false],
    ['up to 24:00', window('20:00', '24:00'), '2026-05-01T23:59:59.000Z', true],
    ['from 24:00 on', window('20:00', '24:00'), '2026-05-02T00:00:00.000Z', false],
    ['on the clock of its zone in winter', BERLIN_NIGHT, '2026-01-15T01:00:00.000Z', true],
    ['on the clock of its zone in summer', BERLIN_NIGHT, '2026-07-15T00:00:00.000Z', true],
    ['before its zone’s opening in summer', BERLIN_NIGHT, '2026-07-14T23:59:00.000Z', false],
  ])('%s', (_when, one, at, expected) => {
    expect(isOpen(one, at)).toBe(expected);
  });
});

describe('nextOpening', () => {
  test.each([
    ['is now while it is open', NIGHT, '2026-05-01T03:12:13.456Z', '2026-05-01T03:12:13.456Z'],
    ['is later today', NIGHT, '2026-05-01T00:30:30.500Z', '2026-05-01T02:00:00.000Z'],
    ['is tomorrow', NIGHT, '2026-05-01T06:00:00.000Z', '2026-05-02T02:00:00.000Z'],
    ['is this evening over midnight', OVER_MIDNIGHT, '2026-05-01T02:00:00.000Z', '2026-05-01T22:00:00.000Z'],
    // Berlin 2026: 29 March 02:00 CET becomes 03:00 CEST (01:00Z); 25 October 03:00 CEST becomes 02:00 CET (01:00Z).
    ['is the end of an hour that spring skips', BERLIN_NIGHT, '2026-03-29T00:30:00.000Z', '2026-03-29T01:00:00.000Z'],
    [
      'is a day later when spring skips all of it',
      window('02:00', '02:30', 'Europe/Berlin'),
      '2026-03-29T00:30:00.000Z',
      '2026-03-30T00:00:00.000Z',
    ],
    [
      'is the first of two equal hours in autumn',
      window('02:30', '03:00', 'Europe/Berlin'),
      '2026-10-24T22:00:00.000Z',
      '2026-10-25T00:30:00.000Z',
    ],
    [
      'is the second of two equal hours in autumn',
      window('02:30', '03:00', 'Europe/Berlin'),
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T01:30:00.000Z',
    ],
    [
      'is the change itself when autumn turns back into it',
      window('22:00', '02:30', 'Europe/Berlin'),
      '2026-10-25T00:45:00.000Z',
      '2026-10-25T01:00:00.000Z',
    ],
  ])('%s', (_when, one, at, expected) => {
    expect(nextOpening(one, at)).toBe(expected);
  });

  it('is the first open minute, whatever the window, the zone and the day', () => {
    const timeOfDay = fc.integer({ min: 0, max: 1439 }).map(toTime);
    const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu');
    // Around both changes of the clock of every one of these zones.
    const at = fc.oneof(
      fc.integer({ min: Date.UTC(2026, 2, 7), max: Date.UTC(2026, 3, 6) }),
      fc.integer({ min: Date.UTC(2026, 9, 2), max: Date.UTC(2026, 10, 3) }),
    );
    fc.assert(
      fc.property(timeOfDay, timeOfDay, zone, at, (start, end, timezone, instant) => {
        fc.pre(start !== end);
        const one = window(start, end, timezone);
        const from = new Date(instant).toISOString();
        const opening = nextOpening(one, from);
        expect(isOpen(one, opening)).toBe(true);
        expect(opening >= from).toBe(true);
        expect(firstOpenMinute(one, Math.ceil(instant / 60_000) * 60_000, Date.parse(opening))).toBeNull();
      }),
      { numRuns: 20 },
    );
  });
});

/** A minute from `from` and before `until` at which the window is open. */
function firstOpenMinute(one: DeploymentWindow, from: number, until: number): string | null {
  for (let at = from; at < until; at += 60_000) {
    const instant = new Date(at).toISOString();
    if (isOpen(one, instant)) return instant;
  }
  return null;
}

const toTime = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

it('reads as people say it', () => {
  expect(describeWindow(NIGHT)).toBe('02:00–06:00 UTC');
});
