import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerRange } from '../../../client/http/byte-range.ts';

describe('a range of bytes', () => {
  it.each([
    ['bytes=0-99', { kind: 'part', first: 0, last: 99 }],
    ['bytes=100-', { kind: 'part', first: 100, last: 999 }],
    ['bytes=-1', { kind: 'part', first: 999, last: 999 }],
    ['bytes=-5000', { kind: 'part', first: 0, last: 999 }],
    ['bytes=990-5000', { kind: 'part', first: 990, last: 999 }],
    ['bytes=1000-', { kind: 'unsatisfiable' }],
    ['bytes=-0', { kind: 'unsatisfiable' }],
    ['bytes=5-4', { kind: 'whole' }],
    ['bytes=-', { kind: 'whole' }],
    ['bytes=0-1,5-6', { kind: 'whole' }],
    ['lines=1-2', { kind: 'whole' }],
    [undefined, { kind: 'whole' }],
  ])('answers %s of 1000 bytes', (header, expected) => {
    expect(answerRange(header, 1_000)).toEqual(expected);
  });

  it('never reaches outside the bytes', () => {
    const asked = fc.tuple(fc.option(fc.nat(2_000)), fc.option(fc.nat(2_000)), fc.nat(1_000));
    fc.assert(
      fc.property(asked, ([from, to, size]) => {
        const answer = answerRange(`bytes=${from ?? ''}-${to ?? ''}`, size);
        if (answer.kind !== 'part') return;
        expect(answer.first).toBeGreaterThanOrEqual(0);
        expect(answer.first).toBeLessThanOrEqual(answer.last);
        expect(answer.last).toBeLessThan(size);
      }),
    );
  });
});
