import { describe, expect, it } from 'vitest';
import { judgeRate } from '../../support/crash/judge-offers.ts';

const every = (ms: number, count: number): number[] => Array.from({ length: count }, (_, at) => at * ms);

describe('the rate of offers', () => {
  it('is fine while it keeps its pace, after a burst of a second', () => {
    expect(
      judgeRate(
        [0, 0, 0, 0, ...every(250, 40)].sort((a, b) => a - b),
        240,
      ),
    ).toEqual([]);
  });

  it('is wrong when the time that a process was away is made up for', () => {
    const before = every(250, 8);
    const allAtOnce = Array.from({ length: 20 }, () => 7_000);
    expect(judgeRate([...before, ...allAtOnce], 240)).toEqual([
      '10 devices were offered it within 0 ms; 240 a minute are allowed',
    ]);
  });

  it('is wrong when one minute holds more than the limit, however evenly', () => {
    expect(judgeRate(every(970, 62), 60)).toHaveLength(1);
    expect(judgeRate(every(1_000, 62), 60)).toEqual([]);
  });

  it('has no limit where the plan gives none', () => {
    expect(judgeRate([0, 0, 0, 0, 0], null)).toEqual([]);
  });
});
