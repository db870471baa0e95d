import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wayBackOrder } from '#domain/emergency/way-back-order.ts';

describe('the order of ways back', () => {
  it('is that of the dependencies, turned round: what needs others goes first', () => {
    const order = wayBackOrder(['db', 'api', 'web'], { web: ['api'], api: ['db'] });
    expect(order).toEqual({ web: [], api: ['web'], db: ['api', 'web'] });
  });

  it('holds through applications that stay', () => {
    expect(wayBackOrder(['db', 'web'], { web: ['api'], api: ['db'] })).toEqual({ web: [], db: ['web'] });
  });

  it('lets applications that have nothing to do with each other go at once', () => {
    expect(wayBackOrder(['shop', 'mail'], {})).toEqual({ shop: [], mail: [] });
  });

  it('does not wait where applications need each other in a circle', () => {
    const order = wayBackOrder(['a', 'b', 'c'], { a: ['b'], b: ['a', 'c'] });
    expect(order).toEqual({ a: [], b: [], c: ['a', 'b'] });
  });

  const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const graph = fc.dictionary(fc.constantFrom(...NAMES), fc.subarray(NAMES), { maxKeys: NAMES.length });
  const needs = (graphOf: Record<string, readonly string[]>, from: string, to: string): boolean => {
    const seen = new Set<string>();
    const walk = (name: string): boolean =>
      (graphOf[name] ?? []).some((next) => next === to || (!seen.has(next) && (seen.add(next), walk(next))));
    return walk(from);
  };

  it('is reverse dependency order whatever the dependencies, and never a circle', () => {
    fc.assert(
      fc.property(graph, fc.subarray(NAMES), (dependencies, members) => {
        const order = wayBackOrder(members, dependencies);
        for (const member of members) {
          for (const other of members) {
            const waits = order[member]?.includes(other) === true;
            const isMeant =
              member !== other && needs(dependencies, other, member) && !needs(dependencies, member, other);
            expect(waits).toBe(isMeant);
            if (waits) expect(order[other]).not.toContain(member);
            // Whoever is waited for waits for fewer: so sorted, each comes after all that it waits for.
            if (waits) expect(order[other]?.length).toBeLessThan(order[member]?.length ?? 0);
          }
        }
      }),
    );
  });
});
