import { describe, expect, test } from 'vitest';
import { outcomeOf, parseCondition } from '#domain/analysis/condition.ts';

describe('a condition', () => {
  test.each([
    ['result <= 5', { operator: '<=', threshold: 5 }],
    ['result>=0.95', { operator: '>=', threshold: 0.95 }],
    ['  result < -1.5 ', { operator: '<', threshold: -1.5 }],
    ['result > 0', { operator: '>', threshold: 0 }],
    ['result == 200', { operator: '==', threshold: 200 }],
  ])('%s is read', (text, condition) => {
    expect(parseCondition(text)).toEqual(condition);
  });

  test.each([
    'result',
    'result <= ',
    'result = 5',
    'result != 5',
    'result <= 5 || true',
    'results <= 5',
    'result[0] <= 5',
    '5 >= result',
    'result <= 1e3',
    'result <= five',
    'process.exit(1)',
    '',
  ])('%j is refused', (text) => {
    expect(parseCondition(text)).toBeNull();
  });
});

describe('a measured value', () => {
  const [low, high] = [parseCondition('result < 5'), parseCondition('result >= 10')];

  test.each([
    ['succeeds by its condition', 4, low, null, 'success'],
    ['fails when it does not hold', 5, low, null, 'failure'],
    ['fails by the other condition', 10, null, high, 'failure'],
    ['succeeds when that does not hold', 9, null, high, 'success'],
    ['is neither between both', 7, low, high, 'inconclusive'],
    ['fails by both', 10, low, high, 'failure'],
    ['fails rather than succeeds', 3, low, parseCondition('result < 4'), 'failure'],
    ['succeeds without any condition', 7, null, null, 'success'],
    ['is an error when there is none', null, low, high, 'error'],
    ['is inconclusive when it is no number', NaN, low, null, 'inconclusive'],
    ['is so by the other condition too', NaN, null, high, 'inconclusive'],
    ['is so without any', NaN, null, null, 'inconclusive'],
  ] as const)('%s', (_what, value, success, failure, outcome) => {
    expect(outcomeOf(value, { success, failure })).toBe(outcome);
  });

  test.each([
    ['result < 5', [4.9], [5, 5.1]],
    ['result <= 5', [4.9, 5], [5.1]],
    ['result > 5', [5.1], [5, 4.9]],
    ['result >= 5', [5, 5.1], [4.9]],
    ['result == 5', [5], [4.9, 5.1]],
  ])('%s holds exactly where it says', (text, inside, outside) => {
    const success = parseCondition(text);
    for (const value of inside) expect(outcomeOf(value, { success, failure: null })).toBe('success');
    for (const value of outside) expect(outcomeOf(value, { success, failure: null })).toBe('failure');
  });
});
