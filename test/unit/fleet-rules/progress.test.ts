import { describe, expect, it } from 'vitest';
import { NO_COUNTS, type WaveCounts } from '#domain/fleet/counts.ts';
import { describeStall, lookAgain, stallOf, type Stillness } from '#domain/fleet/progress.ts';
import { addMs } from '#domain/time.ts';
import { WaveProgress } from '../../../activities/fleet/wave-progress.ts';

const BEGIN = '2026-01-01T00:00:00.000Z';
const counts = (changes: Partial<WaveCounts>): WaveCounts => ({ ...NO_COUNTS, ...changes });

/** Looks at these moments, in seconds, each with what there was to see. */
function looks(...seen: readonly (readonly [atSeconds: number, counts: Partial<WaveCounts>])[]): Stillness {
  const last = seen.reduce<Stillness | null>(
    (before, [at, changes]) => lookAgain(before, counts(changes), addMs(BEGIN, at * 1_000)),
    null,
  );
  if (last === null) throw new Error('nobody looked');
  return last;
}

describe('a wave stands still', () => {
  it('from the first look on at which it looks the same', () => {
    expect(looks([0, { queued: 3 }])).toMatchObject({ since: BEGIN, stillMs: 0 });
    expect(looks([0, { queued: 3 }], [1, { queued: 3 }], [2, { queued: 3 }])).toMatchObject({
      since: BEGIN,
      stillMs: 2_000,
    });
  });

  it.each([
    ['begins', { queued: 2, inProgress: 1 }],
    ['succeeds', { queued: 2, succeeded: 1 }],
    ['fails', { queued: 2, failed: 1 }],
    ['rejects it', { queued: 2, rejected: 1 }],
    ['runs out of its time', { queued: 2, timedOut: 1 }],
  ])('anew when a device %s', (_what, changed) => {
    const still = looks([0, { queued: 3 }], [5, { queued: 3 }], [6, changed], [7, changed]);
    expect(still).toMatchObject({ since: addMs(BEGIN, 6_000), stillMs: 1_000 });
  });

  it('although more devices are offered the version, or it is taken from some: nobody has done anything', () => {
    expect(looks([0, { queued: 3 }], [4, { queued: 9 }])).toMatchObject({ since: BEGIN, stillMs: 4_000 });
    expect(looks([0, { queued: 3 }], [4, { queued: 1, canceled: 2 }])).toMatchObject({ stillMs: 4_000 });
  });

  it('anew when a device that had begun ends', () => {
    expect(looks([0, { inProgress: 2 }], [4, { inProgress: 1, succeeded: 1 }])).toMatchObject({ stillMs: 0 });
  });

  it('for no longer than somebody looked: a night without database or stack does not count', () => {
    const still = looks([0, { queued: 3 }], [1, { queued: 3 }], [36_000, { queued: 3 }], [36_001, { queued: 3 }]);
    expect(still.since).toBe(BEGIN);
    expect(still.stillMs).toBe(1_000 + 10_000 + 1_000);
  });

  it('never for less than before, whatever the clock of another worker says', () => {
    expect(looks([10, { queued: 3 }], [15, { queued: 3 }], [5, { queued: 3 }])).toMatchObject({ stillMs: 5_000 });
  });
});

it('is told with its deadline, its beginning, and how many are waited for', () => {
  const still = looks([0, { queued: 7, inProgress: 3, succeeded: 5 }]);
  const wave = counts({ offered: 15, queued: 7, inProgress: 3, succeeded: 5 });
  const stall = stallOf(still, 7_200_000, { wave, unreleased: 2 });
  expect(stall).toEqual({ deadlineMs: 7_200_000, since: BEGIN, waitedFor: 12, inProgress: 3 });
  expect(describeStall(2, stall)).toBe(
    `wave 2: no progress within 2 h: nothing moved since ${BEGIN}, 12 devices waited for (9 not begun, 3 in progress)`,
  );
  expect(describeStall(1, { ...stall, waitedFor: 1, inProgress: 1 })).toContain('1 device waited for (0 not begun, 1');
});

it.each([null, undefined, 'text', { wave: 1 }, { still: 'nonsense' }, { still: { started: 1 } }])(
  'begins anew with heartbeat details that are no such thing: %j',
  (details) => {
    expect(new WaveProgress(details).look(counts({ queued: 1 }), BEGIN)).toMatchObject({ since: BEGIN, stillMs: 0 });
  },
);
