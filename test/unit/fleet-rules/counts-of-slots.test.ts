import { expect, it } from 'vitest';
import { countsOfSlots, NO_COUNTS } from '#domain/fleet/counts.ts';

it('a device that was staged and activated counts once, by its activation; one only staged is no success', () => {
  const staged = { ...NO_COUNTS, offered: 10, succeeded: 8, failed: 1, inProgress: 1 };
  const activated = { ...NO_COUNTS, offered: 5, succeeded: 3, failed: 1, inProgress: 1 };
  expect(countsOfSlots(staged, NO_COUNTS)).toEqual({ ...staged, succeeded: 0, queued: 8 });
  expect(countsOfSlots(staged, activated)).toEqual({
    ...NO_COUNTS,
    ...{ offered: 10, queued: 3, inProgress: 2, succeeded: 3, failed: 2 },
  });
});
