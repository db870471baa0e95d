import { describe, expect, it } from 'vitest';
import { nextReminderAt, reminderRules } from '#domain/approvals/reminders.ts';
import { outgoingOf } from '#domain/journal/outgoing.ts';

const HOUR_MS = 3_600_000;
const SINCE = '2026-01-01T00:00:00.000Z';

describe('when people are reminded', () => {
  it('is what the environment says, else the configuration, else after a day; null is never', () => {
    expect(reminderRules([HOUR_MS, 2 * HOUR_MS])).toMatchObject({ afterMs: HOUR_MS });
    expect(reminderRules([undefined, 2 * HOUR_MS])).toMatchObject({ afterMs: 2 * HOUR_MS });
    expect(reminderRules([undefined, undefined])).toEqual({ afterMs: 24 * HOUR_MS, most: 10 });
    expect(reminderRules([null, HOUR_MS])).toBeNull();
    expect(reminderRules([undefined, null])).toBeNull();
  });

  it('is after the question, then after each reminder, and then no more', () => {
    const rules = { afterMs: HOUR_MS, most: 2 };
    expect(nextReminderAt({ since: SINCE }, rules)).toBe('2026-01-01T01:00:00.000Z');
    const reminded = { times: 1, lastAt: '2026-01-05T00:00:00.000Z' };
    expect(nextReminderAt({ since: SINCE, reminded }, rules)).toBe('2026-01-05T01:00:00.000Z');
    expect(nextReminderAt({ since: SINCE, reminded: { ...reminded, times: 2 } }, rules)).toBeNull();
    expect(nextReminderAt({ since: SINCE }, null)).toBeNull();
  });
});

it('is told outside: a reminder goes into the outbox', () => {
  const entry = { seq: 3, at: SINCE, type: 'gate-reminder', summary: 'approval of wave 1: waits', data: {} } as const;
  expect(outgoingOf([entry])).toMatchObject([{ seq: 3, topic: 'gate-reminder' }]);
});
