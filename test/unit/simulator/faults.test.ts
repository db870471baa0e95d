import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../client/devices/simulator/config.schema.ts';
import { activeFaults, isHit } from '../../../client/devices/simulator/faults.ts';

const thing = fc.stringMatching(/^[A-Za-z0-9:_-]{1,32}$/);

describe('faults', () => {
  it('hits by the first four bytes of SHA-256 over thing and mode', () => {
    const point = parseInt(createHash('sha256').update('d1:slow').digest('hex').slice(0, 8), 16) / 2 ** 32;
    expect(isHit('d1', 'slow', point * 100 + 0.0001)).toBe(true);
    expect(isHit('d1', 'slow', point * 100 - 0.0001)).toBe(false);
  });

  it('hits nobody at 0 percent, everybody at 100, and never fewer when the percentage grows', () => {
    fc.assert(
      fc.property(
        thing,
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.double({ min: 0, max: 100, noNaN: true }),
        (name, a, b) => {
          const [low, high] = [Math.min(a, b), Math.max(a, b)];
          expect(isHit(name, 'boot-loop', 0)).toBe(false);
          expect(isHit(name, 'boot-loop', 100)).toBe(true);
          if (isHit(name, 'boot-loop', low)) expect(isHit(name, 'boot-loop', high)).toBe(true);
        },
      ),
    );
  });

  it('hits about a third of a thousand devices at 33 percent', () => {
    const hit = Array.from({ length: 1000 }, (_, at) => isHit(`device-${at}`, 'boot-loop', 33)).filter(Boolean);
    expect(hit.length).toBeGreaterThan(290);
    expect(hit.length).toBeLessThan(370);
  });

  it('comes out on the named version or, with a star, on every version', () => {
    const faults: Fault[] = [
      { version: '1.2.0', mode: 'refuse', percent: 100 },
      { version: '*', mode: 'slow', percent: 100, delayMs: 5 },
      { version: '*', mode: 'offline', percent: 0 },
    ];
    expect(Object.keys(activeFaults(faults, 'd1', '1.2.0'))).toEqual(['refuse', 'slow']);
    expect(Object.keys(activeFaults(faults, 'd1', '1.1.0'))).toEqual(['slow']);
  });
});
