import { describe, expect, it } from 'vitest';
import { diffValues } from '../../../client/engine/runs/diff-values.ts';

describe('two documents', () => {
  it.each([
    ['nothing where both are equal', { a: 1, b: { c: [1, 2], d: null } }, { b: { d: null, c: [1, 2] }, a: 1 }, 3, []],
    [
      'each changed value with its path',
      { watch: { criteria: { rate: 10 } }, same: true },
      { watch: { criteria: { rate: null } }, same: true },
      1,
      [{ path: 'watch.criteria.rate', change: 'changed', a: 10, b: null }],
    ],
    [
      'who alone has a value',
      { old: 1, both: 1 },
      { both: 1, new: { x: 2, y: [] } },
      1,
      [
        { path: 'old', change: 'only-a', a: 1 },
        { path: 'new.x', change: 'only-b', b: 2 },
        { path: 'new.y', change: 'only-b', b: [] },
      ],
    ],
    [
      'a list of bare values as one value, its order included',
      { percentages: [10, 50, 100] },
      { percentages: [50, 10, 100] },
      0,
      [{ path: 'percentages', change: 'changed', a: [10, 50, 100], b: [50, 10, 100] }],
    ],
    [
      'things of a list by their names, wherever they stand',
      {
        steps: [
          { id: 'x', n: 1 },
          { id: 'y', n: 1 },
        ],
      },
      {
        steps: [
          { id: 'new', n: 0 },
          { id: 'y', n: 2 },
          { id: 'x', n: 1 },
        ],
      },
      3,
      [
        { path: 'steps[y].n', change: 'changed', a: 1, b: 2 },
        { path: 'steps[new].id', change: 'only-b', b: 'new' },
        { path: 'steps[new].n', change: 'only-b', b: 0 },
      ],
    ],
    [
      'things without names of their own by their place',
      { waves: [{ percent: 10 }, { percent: 100 }] },
      { waves: [{ percent: 20 }, { percent: 100 }] },
      1,
      [{ path: 'waves[0].percent', change: 'changed', a: 10, b: 20 }],
    ],
    [
      'a value in the place of parts as gone, and the parts as come',
      { analysis: null },
      { analysis: { everyMs: 5 } },
      0,
      [
        { path: 'analysis', change: 'only-a', a: null },
        { path: 'analysis.everyMs', change: 'only-b', b: 5 },
      ],
    ],
    [
      'an empty list against a filled one by what the other holds',
      { checks: [] },
      { checks: [{ name: 'api' }] },
      0,
      [{ path: 'checks[api].name', change: 'only-b', b: 'api' }],
    ],
    [
      'a name with a point as one name',
      { env: { 'a.b': '1' } },
      { env: { 'a.b': '2' } },
      0,
      [{ path: 'env["a.b"]', change: 'changed', a: '1', b: '2' }],
    ],
    ['a text and a number as different', { n: '1' }, { n: 1 }, 0, [{ path: 'n', change: 'changed', a: '1', b: 1 }]],
  ])('tell %s', (_what, a, b, equal, differences) => expect(diffValues(a, b)).toEqual({ equal, differences }));

  it('are told the other way round when they are exchanged', () => {
    const [a, b] = [
      { x: 1, only: 1, list: [{ name: 'n', v: 1 }] },
      { x: 2, list: [{ name: 'n', v: 1 }] },
    ];
    expect(diffValues(b, a)).toEqual({
      equal: 2,
      differences: [
        { path: 'x', change: 'changed', a: 2, b: 1 },
        { path: 'only', change: 'only-b', b: 1 },
      ],
    });
  });
});
