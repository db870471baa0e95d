import { describe, expect, it } from 'vitest';
import { judgeTurns, type Turn } from '../../support/crash/environments/turns.ts';

const turn = (ticket: number, fromMs: number | null, untilMs: number | null, over: Partial<Turn> = {}): Turn => ({
  run: `run-${ticket}`,
  application: 'shop',
  ticket,
  phase: 'completed',
  fromMs,
  untilMs,
  ...over,
});

describe('the judge of turns', () => {
  it('finds nothing wrong with runs one after the other', () => {
    expect(judgeTurns([turn(1, 0, 10), turn(2, 10, 20), turn(3, 5, 15, { application: 'stock' })], 2)).toEqual([]);
  });

  it.each([
    ['two at once on one application', [turn(1, 0, 10), turn(2, 9, 20)], /run-2 began before run-1/],
    ['a wrong order', [turn(1, 10, 20), turn(2, 0, 10)], /run-2 began before run-1/],
    ['too many at once', [1, 2, 3].map((at) => turn(at, 0, 10, { application: `a${at}` })), /3 were under way/],
    ['one that never began', [turn(1, null, null, { phase: 'queued' })], /never had a turn/],
    ['one that ended badly', [turn(1, 0, 10, { phase: 'failed' })], /run-1 ended failed/],
  ])('sees %s', (_what, turns, problem) => {
    expect(judgeTurns(turns, 2).join()).toMatch(problem);
  });
});
