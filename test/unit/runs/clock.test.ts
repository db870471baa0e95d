import { describe, expect, it } from 'vitest';
import { stopwatch, tellRoughly, tellSecond, tellTime, tellTimes } from '../../../client/engine/runs/clock.ts';

const clock = { now: '2025-11-21T14:14:12.000Z', timeZone: 'UTC' };

describe('an instant', () => {
  it.each([
    ['2025-11-21T14:14:12.400Z', '14:14 UTC (now)'],
    ['2025-11-21T14:02:00.000Z', '14:02 UTC (12 min 12 s ago)'],
    ['2025-11-21T14:32:12.000Z', '14:32 UTC (in 18 min)'],
    ['2025-11-22T02:00:00.000Z', 'Sat 02:00 UTC (in 11 h 45 min)'],
    ['2025-11-20T23:00:00.000Z', 'Thu 23:00 UTC (15 h 14 min ago)'],
    ['2025-12-24T18:00:00.000Z', '2025-12-24 18:00 UTC (in 33 d 3 h)'],
  ])('%s is told as %s', (at, told) => {
    expect(tellTime(at, clock)).toBe(told);
  });

  it('is told on the reader’s wall clock', () => {
    expect(tellTime('2025-11-21T23:30:00.000Z', { ...clock, timeZone: 'Europe/Berlin' })).toBe(
      'Sat 00:30 CET (in 9 h 15 min)',
    );
  });
});

describe('text with instants in it', () => {
  it('tells each on the reader’s clock', () => {
    const text = 'asked at 2025-11-21T14:02:00.000Z, opens 2025-11-22T02:00:00Z';
    expect(tellTimes(text, clock)).toBe('asked at 14:02 UTC (12 min 12 s ago), opens Sat 02:00 UTC (in 11 h 45 min)');
  });
});

describe('a distance in a narrow column', () => {
  it.each([
    ['2025-11-21T14:02:00.000Z', '12 min ago'],
    ['2025-11-22T02:00:00.000Z', 'in 11 h'],
    ['2025-11-21T14:14:02.000Z', '10 s ago'],
    ['2025-11-21T14:14:12.000Z', 'now'],
  ])('of %s is %s', (at, told) => {
    expect(tellRoughly(at, clock)).toBe(told);
  });
});

describe('an instant of a journal', () => {
  it('has seconds, and its day where that is another one', () => {
    expect(tellSecond('2025-11-21T14:02:07.900Z', clock)).toBe('14:02:07 UTC');
    expect(tellSecond('2025-11-20T14:02:07.900Z', { ...clock, timeZone: 'Europe/Berlin' })).toBe(
      '2025-11-20 15:02:07 CET',
    );
  });
});

describe('a stopwatch', () => {
  it.each([
    [0, '00:00:00'],
    [852_999, '00:14:12'],
    [90_061_000, '1 d 01:01:01'],
  ])('%i ms is %s', (durationMs, told) => {
    expect(stopwatch(durationMs)).toBe(told);
  });
});
