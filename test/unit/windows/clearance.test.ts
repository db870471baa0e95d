import { describe, expect, it, test } from 'vitest';
import { Opening } from '../../../workflows/runtime/opening.ts';
import { clearanceAt, type RunSchedule } from '#domain/windows/clearance.ts';
import { daily } from '../../support/windows/window-builder.ts';

const NIGHT = daily('02:00', '06:00');
const NOON = '2026-05-01T12:00:00.000Z';
const ELEVEN = '2026-05-01T23:00:00.000Z';
const NEXT_NIGHT = '2026-05-02T02:00:00.000Z';
const MORNING = '2026-05-02T03:00:00.000Z';
const from = (startAt: string, endsAt: string | null = null): RunSchedule => ({ startAt, endsAt });

describe('whether an effect may begin', () => {
  test.each([
    ['without window and schedule', [], null, NOON, { kind: 'go' }],
    ['in the window', [NIGHT], null, MORNING, { kind: 'go' }],
    [
      'outside of it',
      [NIGHT],
      null,
      NOON,
      { kind: 'wait', opensAt: NEXT_NIGHT, heldBy: 'window', windows: ['nights'] },
    ],
    ['before its time', [], from(ELEVEN), NOON, { kind: 'wait', opensAt: ELEVEN, heldBy: 'schedule', windows: [] }],
    ['at its time', [], from(ELEVEN), ELEVEN, { kind: 'go' }],
    ['before its time in a closed window', [NIGHT], from(MORNING), NOON, { opensAt: MORNING, heldBy: 'window' }],
    ['before its time in an open window', [NIGHT], from('2026-05-02T04:00:00.000Z'), MORNING, { heldBy: 'schedule' }],
    [
      'before a time at which the window is closed',
      [NIGHT],
      from(ELEVEN),
      NOON,
      {
        opensAt: NEXT_NIGHT,
        heldBy: 'window',
        reason: `scheduled for ${ELEVEN}, and then outside of nights: 02:00–06:00 UTC`,
      },
    ],
    ['after its time', [], from(NOON, ELEVEN), ELEVEN, { kind: 'over', endedAt: ELEVEN }],
    ['just before its end', [], from(NOON, ELEVEN), '2026-05-01T22:59:59.999Z', { kind: 'go' }],
    [
      'in a deny window',
      [{ ...NIGHT, kind: 'deny' } as const],
      null,
      MORNING,
      { opensAt: '2026-05-02T06:00:00.000Z', reason: 'denied by nights (deny): 02:00–06:00 UTC' },
    ],
  ])('%s', (_when, windows, schedule, at, expected) => {
    expect(clearanceAt({ windows, schedule }, at)).toMatchObject(expected);
  });
});

describe('the opening of a run', () => {
  it('is always without windows and schedule', () => {
    expect(new Opening({}).isAlways).toBe(true);
    expect(new Opening({ windows: [NIGHT] }).isAlways).toBe(false);
    expect(new Opening({ schedule: from(NOON) }).isAlways).toBe(false);
  });

  it('is now by somebody’s word, until the window would have opened', () => {
    const opening = new Opening({ windows: [NIGHT] });
    opening.startNow({ by: 'ada', reason: 'r', until: NEXT_NIGHT });
    expect(opening.clearance(NOON)).toEqual({ kind: 'go' });
    expect(opening.startedNow(NOON)).toMatchObject({ by: 'ada' });
    expect(opening.clearance('2026-05-02T07:00:00.000Z').kind).toBe('wait');
  });

  it('asks about its end once, and then holds by its windows alone', () => {
    const opening = new Opening({ windows: [NIGHT], schedule: from(NOON, ELEVEN) });
    expect(opening.lookAgainAt(NEXT_NIGHT)).toBe(ELEVEN);
    expect(opening.lookAgainAt(null)).toBe(ELEVEN);
    expect(opening.clearance(ELEVEN).kind).toBe('over');
    opening.noteEndAsked();
    expect(opening.clearance(ELEVEN)).toMatchObject({ kind: 'wait', opensAt: NEXT_NIGHT });
    expect(opening.lookAgainAt(NEXT_NIGHT)).toBe(NEXT_NIGHT);
  });
});
