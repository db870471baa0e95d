import { expect, it } from 'vitest';
import { CommandIds } from '../../../workflows/runtime/command-ids.ts';

it('knows a command by its name and id together', () => {
  const ids = new CommandIds();
  ids.add('pauseRun', 'c-1');
  expect(ids.has('pauseRun', 'c-1')).toBe(true);
  expect(ids.has('resumeRun', 'c-1')).toBe(false);
});

it('forgets only what a thousand later commands lie on', () => {
  const ids = new CommandIds();
  ids.add('pauseRun', 'first');
  for (let later = 1; later < 1_000; later += 1) ids.add('pauseRun', `c-${later}`);
  expect(ids.has('pauseRun', 'first')).toBe(true);
  ids.add('pauseRun', 'one more');
  expect(ids.has('pauseRun', 'first')).toBe(false);
  expect(ids.has('pauseRun', 'c-1')).toBe(true);
});
