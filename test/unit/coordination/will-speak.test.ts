import { expect, it } from 'vitest';
import { willSpeak } from '../../../activities/environments/will-speak.ts';

const openedAt = new Date('2026-01-01T12:00:00Z');
const before = new Date('2026-01-01T11:00:00Z');
const after = new Date('2026-01-01T12:01:00Z');
/** As near as clocks may be apart. */
const aboutThen = new Date('2026-01-01T12:00:05Z');

it.each([
  ['began before, and said something', { startTime: before, historyLength: 5, isFirst: true }, false],
  ['began before, and its first task is under way', { startTime: before, historyLength: 3, isFirst: true }, true],
  ['began before, and its first task timed out', { startTime: before, historyLength: 4, isFirst: true }, true],
  ['began at about the same time', { startTime: aboutThen, historyLength: 5, isFirst: true }, false],
  ['began when the coordinator was there', { startTime: after, historyLength: 50, isFirst: true }, true],
  ['goes on in a new history', { startTime: after, historyLength: 3, isFirst: false }, false],
])('a run that %s: will it speak to the coordinator by itself?', (_which, begun, answer) => {
  expect(willSpeak(begun, openedAt)).toBe(answer);
});
