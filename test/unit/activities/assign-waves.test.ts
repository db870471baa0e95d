import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignJoiners, assignWaves, type Candidate } from '../../../activities/fleet/assign-waves.ts';
import { targetOrder } from '../../../activities/fleet/target-order.ts';

const candidate = (thing: string, changes: Partial<Candidate> = {}): Candidate => {
  return { thing, hardware: 'edge-a', firmware: '1.0.0', tags: {}, skipped: false, ...changes };
};
const fleet = (devices: number): Candidate[] =>
  Array.from({ length: devices }, (_one, place) => candidate(`d-${place}`));
const sizes = (waves: readonly (number | null)[], of: number): number[] =>
  Array.from({ length: of }, (_one, index) => waves.filter((wave) => wave === index + 1).length);
const percent = (value: number) => ({ kind: 'percent' as const, percent: value });

describe('the waves of a run', () => {
  it('are cumulative, rounded up, at least one device', () => {
    expect(sizes(assignWaves(fleet(200), [10, 50, 100].map(percent)), 3)).toEqual([20, 80, 100]);
    expect(sizes(assignWaves(fleet(3), [10, 50, 100].map(percent)), 3)).toEqual([1, 1, 1]);
    expect(sizes(assignWaves(fleet(1), [10, 50, 100].map(percent)), 3)).toEqual([1, 0, 0]);
  });

  it('hold every device once when the last share is all, whatever the shares are', () => {
    const shares = fc.array(fc.integer({ min: 1, max: 99 }), { maxLength: 6 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), shares, (devices, below) => {
        const waves = [...below.toSorted((a, b) => a - b), 100].map(percent);
        const assigned = assignWaves(fleet(devices), waves);
        expect(assigned.every((wave) => wave !== null)).toBe(true);
        expect(assigned).toEqual(assigned.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
      }),
    );
  });

  it('leave devices beyond the last share without a wave', () => {
    const assigned = assignWaves(fleet(10), [percent(20), percent(50)]);
    expect(assigned.filter((wave) => wave === null)).toHaveLength(5);
  });

  it('try at least one device that needs the version', () => {
    const devices = [...fleet(4).map((one) => ({ ...one, skipped: true })), ...fleet(4)];
    expect(sizes(assignWaves(devices, [percent(10), percent(100)]), 2)).toEqual([5, 3]);
  });

  it('take counts, filters and names from what earlier waves left', () => {
    const devices = [...fleet(6), candidate('site-b', { tags: { site: 'b' } }), candidate('lab')];
    const waves = [
      { kind: 'devices' as const, things: ['lab', 'unknown'] },
      { kind: 'filter' as const, filter: 'device.tags.site == "b"' },
      { kind: 'count' as const, count: 2 },
      percent(100),
    ];
    const assigned = assignWaves(devices, waves);
    expect(sizes(assigned, 4)).toEqual([1, 1, 2, 4]);
    expect(assigned[7]).toBe(1);
    expect(assigned[6]).toBe(2);
  });
});

describe('the wave of a late joiner', () => {
  const count = (value: number) => ({ kind: 'count' as const, count: value });
  const siteB = { kind: 'filter' as const, filter: 'device.tags.site == "b"' };
  const named = { kind: 'devices' as const, things: ['lab'] };
  const has = (total: number, ...perWave: number[]) => {
    return { total, perWave: new Map(perWave.map((held, index) => [index + 1, held])) };
  };

  it('is the last of the plan when that takes all', () => {
    expect(assignJoiners(fleet(3), [10, 50, 100].map(percent), has(10, 1, 4, 5))).toEqual([3, 3, 3]);
  });

  it('is that of the highest share of the grown fleet, in the order of the run, and none beyond it', () => {
    // 50 % of 18 are 9, of which 5 are taken; the lower share grew too, and is part of it.
    const waves = assignJoiners(fleet(8), [percent(10), percent(50)], has(10, 1, 4));
    expect(waves).toEqual([2, 2, 2, 2, null, null, null, null]);
  });

  it('never makes the whole larger than one plan for the grown fleet would', () => {
    const numbers = fc.record({ before: fc.nat(60), joiners: fc.nat(60), share: fc.integer({ min: 1, max: 100 }) });
    fc.assert(
      fc.property(numbers, ({ before, joiners, share }) => {
        const waves = [percent(share)];
        const first = assignWaves(fleet(before), waves).filter((wave) => wave !== null).length;
        let now = has(before, first);
        // One by one or all at once: it comes to the same.
        for (const joiner of fleet(joiners)) {
          const held = now.perWave.get(1) ?? 0;
          const [wave] = assignJoiners([joiner], waves, now);
          now = has(now.total + 1, wave === 1 ? held + 1 : held);
        }
        const atOnce = assignJoiners(fleet(joiners), waves, has(before, first)).filter((wave) => wave === 1).length;
        const whole = assignWaves(fleet(before + joiners), waves).filter((wave) => wave === 1).length;
        expect([now.perWave.get(1), first + atOnce]).toEqual([whole, whole]);
      }),
    );
  });

  it('is the last whose filter or list takes it', () => {
    const joiners = [candidate('b-1', { tags: { site: 'b' } }), candidate('lab'), candidate('other')];
    expect(assignJoiners(joiners, [named, siteB], has(0))).toEqual([2, 1, null]);
    expect(assignJoiners(joiners, [percent(50), siteB], has(9, 4, 3))).toEqual([2, 1, 1]);
  });

  it('is one by count only as far as the fleet was too small for it', () => {
    expect(assignJoiners(fleet(3), [count(4), count(3)], has(6, 4, 2))).toEqual([2, null, null]);
    expect(assignJoiners(fleet(2), [count(4)], has(5, 5))).toEqual([null, null]);
  });
});

describe('the order of a run', () => {
  it('is the same in every attempt and another in every run', () => {
    expect(targetOrder('exe_a', 'd-1')).toBe(targetOrder('exe_a', 'd-1'));
    expect(targetOrder('exe_a', 'd-1')).not.toBe(targetOrder('exe_b', 'd-1'));
    // First 8 bytes of SHA-256('exe_a:d-1'), so that anybody can check which device came first.
    expect(BigInt.asUintN(64, targetOrder('exe_a', 'd-1')).toString(16)).toMatch(/^[0-9a-f]{15,16}$/);
  });
});
