import { expect, it } from 'vitest';
import { wholeNumber } from '../../support/crash/whole-number.ts';

it.each(['abc', '', '0', '-3', '2.5', 'Infinity'])('refuses %j as a count of seeds', (text) => {
  expect(() => wholeNumber(text, 'SLUICE_CRASH_SEEDS')).toThrow('SLUICE_CRASH_SEEDS: expected a whole number above 0');
});

it('takes a whole number', () => {
  expect(wholeNumber('20', '--seeds')).toBe(20);
});
