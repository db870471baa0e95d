import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it, test } from 'vitest';
import { settleSchedule } from '#domain/plan/settle-schedule.ts';
import { readStartTime } from '#domain/windows/start-time.ts';

const NOON = '2026-05-01T12:00:00.000Z';
const berlin = (now: string) => ({ timezone: 'Europe/Berlin', now });

describe('a start time', () => {
  test.each([
    ['2026-05-01T22:00:00Z', NOON, '2026-05-01T22:00:00.000Z'],
    ['2026-05-01T22:00+02:00', NOON, '2026-05-01T20:00:00.000Z'],
    ['2026-05-01 22:00-0500', NOON, '2026-05-02T03:00:00.000Z'],
    ['22:30', NOON, '2026-05-01T20:30:00.000Z'],
    ['13:59', NOON, '2026-05-02T11:59:00.000Z'],
    ['14:00', NOON, '2026-05-02T12:00:00.000Z'],
    // 25 October 2026: the clock shows 02:30 at 00:30Z and at 01:30Z.
    ['02:30', '2026-10-24T12:00:00.000Z', '2026-10-25T00:30:00.000Z'],
    ['02:30', '2026-10-25T01:00:00.000Z', '2026-10-25T01:30:00.000Z'],
    // 29 March 2026: it shows no 02:30.
    ['02:30', '2026-03-28T12:00:00.000Z', '2026-03-30T00:30:00.000Z'],
  ])('%s at %s is %s', (text, now, at) => {
    expect(readStartTime(text, berlin(now))).toEqual({ kind: 'time', at });
  });

  test.each([
    ['2026-05-01T22:00', /with its zone such as/],
    ['2026-05-01', /with its zone such as/],
    ['tonight', /with its zone such as .*, or a time of day such as 22:30/],
    ['24:00', /with its zone/],
    ['7:30', /with its zone/],
    ['', /with its zone/],
    ['2026-02-30T22:00:00Z', /with its zone/],
    ['2026-05-01T25:00:00Z', /with its zone/],
    ['2026-05-01T11:59:59Z', /a time to come \(now it is 2026-05-01T12:00:00Z\)/],
    ['2026-05-01T12:00:00Z', /a time to come/],
    ['2027-06-01T12:00:00Z', /a time within 366 days/],
  ])('%j is refused', (text, expected) => {
    expect(readStartTime(text, berlin(NOON))).toMatchObject({ expected: expect.stringMatching(expected) as string });
  });

  it('of the day is the next one that the clock of the zone shows, whatever the zone and the day', () => {
    const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu');
    const at = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) });
    const time = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }));
    fc.assert(
      fc.property(zone, at, time, (timezone, nowMs, [hour, minute]) => {
        const text = [hour, minute].map((part) => String(part).padStart(2, '0')).join(':');
        const read = readStartTime(text, { timezone, now: new Date(nowMs).toISOString() });
        if (read.kind === 'refused') throw new Error(read.expected);
        expect(DateTime.fromISO(read.at, { zone: timezone }).toFormat('HH:mm')).toBe(text);
        const waitMs = Date.parse(read.at) - nowMs;
        expect(waitMs).toBeGreaterThan(0);
        expect(waitMs).toBeLessThanOrEqual(49.5 * 3_600_000);
      }),
    );
  });
});

describe('the schedule of a plan', () => {
  const settled = (start_time: string, duration?: number) =>
    settleSchedule({ start_time, duration }, { path: 'schedule', now: NOON });

  it('is kept in UTC, with how long it lasts', () => {
    expect(settled('2026-05-01T22:00:00+02:00', 3_600_000)).toEqual({
      kind: 'settled',
      schedule: { schedule: { startAt: '2026-05-01T20:00:00.000Z', durationMs: 3_600_000 } },
    });
    expect(settled('2026-05-01T22:00:00Z')).toMatchObject({ schedule: { schedule: { durationMs: null } } });
    expect(settleSchedule(undefined, { path: 'schedule', now: NOON })).toEqual({ kind: 'settled', schedule: {} });
  });

  it('is refused for a time that is over, with the place and the fix', () => {
    expect(settled('2024-03-20T22:00:00Z')).toEqual({
      kind: 'refused',
      problem: {
        path: 'schedule.start_time',
        expected: 'a time to come (now it is 2026-05-01T12:00:00Z)',
        got: '"2024-03-20T22:00:00Z"',
        fix: 'Set schedule.start_time to a time to come (now it is 2026-05-01T12:00:00Z).',
      },
    });
  });
});
