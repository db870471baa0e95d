import { describe, expect, it } from 'vitest';
import { beyondLimits, isScaling, tooEarly } from '../../../client/engine/releases/scaling-rules.ts';

const place = { application: 'shop', environment: 'production' };
const limits = { minInstances: 2, maxInstances: 5, upCooldownMs: 60_000, downCooldownMs: 300_000 };

describe('the limits of scaling', () => {
  it.each([
    ['up', 2, 3, null],
    ['up', 3, 3, '--count 2'],
    ['up', 1, 5, 'change deployment.scaling.max_instances'],
    ['down', 1, 3, null],
    ['down', 4, 5, '--count 3'],
    ['down', 1, 2, 'change deployment.scaling.min_instances'],
  ] as const)('%s by %i from %i', (direction, count, present, hint) => {
    const refusal = beyondLimits(place, { direction, count, present }, limits);
    if (hint === null) expect(refusal).toBeNull();
    else
      expect(refusal?.report).toMatchObject({ code: 'SCALING_LIMIT', hint: expect.stringContaining(hint) as unknown });
  });

  it('let a number that is beyond them come nearer', () => {
    expect(beyondLimits(place, { direction: 'down', count: 1, present: 9 }, limits)).toBeNull();
    expect(beyondLimits(place, { direction: 'up', count: 1, present: 0 }, limits)).toBeNull();
  });
});

it.each([
  ['up', 59, false],
  ['up', 60, true],
  ['down', 299, false],
  ['down', 300, true],
] as const)('scaling %s %i s after the last one is possible: %s', (direction, afterSeconds, isPossible) => {
  const last = '2026-01-01T10:00:00.000Z';
  const now = new Date(Date.parse(last) + afterSeconds * 1_000).toISOString();
  const early = tooEarly(place, direction, limits, { last, now });
  expect(early === null).toBe(isPossible);
  if (early === null) return;
  const possibleAt = direction === 'up' ? '2026-01-01T10:01:00.000Z' : '2026-01-01T10:05:00.000Z';
  expect(early).toMatchObject({
    code: 'SCALING_COOLDOWN',
    exitCode: 6,
    message: expect.stringContaining(possibleAt) as unknown,
  });
});

describe('a release is a scaling', () => {
  const digest = 'sha256:1';
  const application = { version: '1.0.0', image: { digest }, replicas: 3 };
  const present = { release: 1, version: '1.0.0', digest, replicas: 2 };
  const judge = (over: object, before: object | null) =>
    isScaling({ application: { ...application, ...over }, present: before } as never);

  it('when only the number differs', () => expect(judge({}, present)).toBe(true));
  it.each([
    ['nothing served before', {}, null],
    ['the number is the same', { replicas: 2 }, present],
    ['the version is another', { version: '1.1.0' }, present],
    ['the tag means other bytes', { image: { digest: 'sha256:2' } }, present],
  ])('not when %s', (_when, over, before) => expect(judge(over, before)).toBe(false));
});
