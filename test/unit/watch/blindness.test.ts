import { describe, expect, it } from 'vitest';
import { anotherBlindLook, isTooBlind } from '../../../activities/watch/blindness.ts';
import { nextLookInMs } from '../../../activities/watch/pace.ts';

const MINUTE_MS = 60_000;

describe('a watch that cannot see', () => {
  it('counts on from what the attempt before left, and from one when it left nothing', () => {
    expect(anotherBlindLook(undefined, 1_000)).toEqual({ looks: 1, sinceMs: 1_000 });
    expect(anotherBlindLook({ looks: 3, sinceMs: 1_000 }, 9_000)).toEqual({ looks: 4, sinceMs: 1_000 });
    expect(anotherBlindLook(null, 9_000)).toEqual({ looks: 1, sinceMs: 9_000 });
    expect(anotherBlindLook({ wave: 1 }, 9_000)).toEqual({ looks: 1, sinceMs: 9_000 });
  });

  it('gives up only after several looks and some minutes: a database may restart', () => {
    expect(isTooBlind({ looks: 50, sinceMs: 0 }, MINUTE_MS)).toBe(false);
    expect(isTooBlind({ looks: 4, sinceMs: 0 }, 10 * MINUTE_MS)).toBe(false);
    expect(isTooBlind({ looks: 5, sinceMs: 0 }, 5 * MINUTE_MS)).toBe(true);
  });
});

describe('the pace of a watch', () => {
  it('is as planned for ten minutes, then calm', () => {
    expect(nextLookInMs(5_000, 9 * MINUTE_MS)).toBe(5_000);
    expect(nextLookInMs(5_000, 11 * MINUTE_MS)).toBe(30_000);
    expect(nextLookInMs(120_000, 11 * MINUTE_MS)).toBe(120_000);
  });
});
