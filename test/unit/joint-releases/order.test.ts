import { describe, expect, it } from 'vitest';
import type { Dependencies } from '#domain/containers/dependencies.ts';
import { neededMembers, orderMembers, type Orderable } from '#domain/joint-releases/order.ts';

const plain = (...names: string[]): Orderable[] => names.map((name) => ({ name, critical: false }));
const critical = (name: string): Orderable => ({ name, critical: true });

function wavesOf(members: readonly Orderable[], needs: Dependencies = {}): string[][] | string {
  const ordered = orderMembers(members, needs);
  if (ordered.kind === 'circle') return ordered.circle.join(' → ');
  return ordered.waves.map((wave) => wave.map(({ name }) => name));
}

describe('the order of a release', () => {
  it('puts what needs nothing of each other into one wave', () => {
    expect(wavesOf(plain('web', 'api', 'worker'))).toEqual([['web', 'api', 'worker']]);
  });

  it('puts an application after everything that it needs', () => {
    expect(wavesOf(plain('web', 'api', 'db'), { web: ['api'], api: ['db'] })).toEqual([['db'], ['api'], ['web']]);
  });

  it('sees a need by way of an application that does not go out', () => {
    expect(wavesOf(plain('web', 'db'), { web: ['cache'], cache: ['db'] })).toEqual([['db'], ['web']]);
  });

  it('lets those that are not critical go before those that are', () => {
    expect(wavesOf([critical('pay'), ...plain('web', 'docs')])).toEqual([['web', 'docs'], ['pay']]);
  });

  it('lets a critical one go first where another one needs it', () => {
    const members = [critical('pay'), ...plain('web', 'docs')];
    expect(wavesOf(members, { web: ['pay'] })).toEqual([['docs'], ['pay'], ['web']]);
  });

  it('names the applications that wait for each other', () => {
    expect(wavesOf(plain('a', 'b', 'c'), { a: ['b'], b: ['c'], c: ['b'] })).toBe('b → c → b');
  });

  it('names one that needs itself by way of an application that does not go out', () => {
    expect(wavesOf(plain('a'), { a: ['x'], x: ['a'] })).toBe('a → a');
  });
});

describe('the members that one needs', () => {
  it('are told in the order in which they were written', () => {
    const members = plain('web', 'db', 'api');
    expect(neededMembers('web', members, { web: ['api'], api: ['db'] })).toEqual(['db', 'api']);
  });
});
