import { describe, expect, it } from 'vitest';
import { describeHold, settleTiming } from '../../../client/engine/runs/start-timing.ts';
import { environmentOf } from '#domain/environments/environment.ts';
import { EnvironmentSpec } from '#domain/environments/environment.schema.ts';
import type { PlannedSchedule } from '#domain/plan/plan-base.ts';
import type { DeploymentWindow } from '#domain/windows/window.ts';
import { daily } from '../../support/windows/window-builder.ts';
import { PLAN } from './sample-run.ts';

const NOON = '2026-05-01T12:00:00.000Z';
const NIGHT = daily('02:00', '06:00', { timezone: 'Europe/Berlin' });

interface Asked {
  readonly windows?: readonly DeploymentWindow[];
  readonly schedule?: PlannedSchedule;
  readonly at?: string;
}

function timing({ windows = [], schedule, at }: Asked) {
  const environment = { ...environmentOf('production', EnvironmentSpec.parse({})), windows };
  return settleTiming({ plan: { ...PLAN, ...(schedule && { schedule }) }, environment, at, now: NOON });
}

describe('the time of a run', () => {
  it('without windows and schedule is now, and says nothing', () => {
    expect(timing({})).toEqual({ input: {}, hold: null });
  });

  it('waits for the window, and tells until when and how to override it', () => {
    const { input, hold } = timing({ windows: [NIGHT] });
    expect(input).toEqual({ windows: [NIGHT] });
    expect(hold && describeHold(hold, 'exe_1')).toBe(
      'waits for the window: opens 2026-05-02T00:00:00.000Z (outside of nights: 02:00–06:00 Europe/Berlin) · sluice deploy start-now exe_1 --reason "…"',
    );
  });

  it('is the plan’s, and a person’s in its place, for as long as the plan says', () => {
    const schedule = { startAt: '2026-05-01T22:00:00.000Z', durationMs: 3_600_000 };
    expect(timing({ schedule }).input.schedule).toEqual({
      startAt: '2026-05-01T22:00:00.000Z',
      endsAt: '2026-05-01T23:00:00.000Z',
    });
    const other = timing({ schedule, at: '2026-05-03T22:00:00Z' });
    expect(other.input.schedule).toEqual({ startAt: '2026-05-03T22:00:00.000Z', endsAt: '2026-05-03T23:00:00.000Z' });
    expect(other.hold && describeHold(other.hold, 'exe_1')).toContain('waits for its time: opens 2026-05-03T22:00');
  });

  it('of the day is read on the clock of the windows, else in UTC', () => {
    expect(timing({ at: '22:30' }).input.schedule?.startAt).toBe('2026-05-01T22:30:00.000Z');
    expect(timing({ at: '22:30', windows: [NIGHT] }).input.schedule?.startAt).toBe('2026-05-01T20:30:00.000Z');
  });

  it('that has begun already is now', () => {
    expect(timing({ schedule: { startAt: '2026-05-01T11:00:00.000Z', durationMs: null } }).hold).toBeNull();
  });

  it.each([
    ['malformed', { at: 'tonight' }, 'START_TIME_INVALID', /expected a time with its zone .* got "tonight"/],
    ['without zone', { at: '2026-05-02T22:00' }, 'START_TIME_INVALID', /with its zone/],
    ['in the past', { at: '2026-04-01T22:00:00Z' }, 'START_TIME_INVALID', /a time to come/],
    [
      'of the day with windows of several zones',
      { at: '22:30', windows: [NIGHT, daily('02:00', '06:00')] },
      'START_TIME_INVALID',
      /windows of production have several \(Europe\/Berlin, UTC\)/,
    ],
    [
      'that is over',
      { schedule: { startAt: '2026-05-01T10:00:00.000Z', durationMs: 3_600_000 } },
      'SCHEDULE_OVER',
      /ended 2026-05-01T11:00:00.000Z/,
    ],
    [
      'during which no window opens',
      { schedule: { startAt: '2026-05-01T13:00:00.000Z', durationMs: 3_600_000 }, windows: [NIGHT] },
      'SCHEDULE_IN_NO_WINDOW',
      /before the scheduled time ends 2026-05-01T14:00:00.000Z: .*outside of nights.*; next: 2026-05-02T00:00/,
    ],
  ] as const)('%s is refused', (_what, asked, code, message) => {
    const refusal: unknown = expect.objectContaining({ code, message: expect.stringMatching(message) as string });
    expect(() => timing(asked)).toThrow(refusal);
  });
});
