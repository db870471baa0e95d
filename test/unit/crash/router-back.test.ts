import { expect, it } from 'vitest';
import { backAfter } from '../../support/crash/releases/release-verdict.ts';
import type { StackEvent } from '../../support/crash/stack-log.ts';

const event = (kind: StackEvent['kind'], atMs: number): StackEvent => ({ kind, part: 'haproxy', atMs, why: '' });

it('is the first time that the router was ready after its death was noticed', () => {
  const events = [event('ready', 1_000), event('ended', 2_010), event('ready', 2_300)];
  expect(backAfter(events, 2_000)).toBe(2_300);
});

it('is not what was said of the dead one before its death was noticed', () => {
  const events = [event('ended', 1_000), event('ready', 2_003), event('ended', 2_010), event('ready', 7_100)];
  expect(backAfter(events, 2_000)).toBe(7_100);
});

it('is not put off by a death that came later', () => {
  const events = [event('ready', 2_300), event('ended', 9_000), event('ready', 9_400)];
  expect(backAfter(events, 2_000)).toBe(2_300);
});

it('is never while nobody said so', () => {
  expect(backAfter([event('ended', 2_010)], 2_000)).toBe(Number.POSITIVE_INFINITY);
});
