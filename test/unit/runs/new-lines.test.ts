import { expect, test } from 'vitest';
import { newLines } from '../../../client/engine/applications/application-logs.ts';

test.each<[string, string, string, string]>([
  ['nothing new', 'abc', 'abc', ''],
  ['lines behind', 'abc', 'abcde', 'de'],
  ['a window that moved on', 'abc', 'bcd', 'd'],
  ['the same line again', 'aa', 'aaa', 'a'],
  ['a window that left everything behind', 'abc', 'xyz', 'xyz'],
  ['a log that begins anew', 'abcdef', 'x', 'x'],
  ['the first line', '', 'a', 'a'],
])('of a log that is followed: %s', (_what, before, now, expected) => {
  expect(newLines([...before], [...now])).toEqual([...expected]);
});
