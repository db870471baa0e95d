import { describe, expect, it } from 'vitest';
import { catalogue } from '#domain/errors/catalogue.ts';
import { firstArguments, sources, wordsInCapitals } from './code-literals.ts';

/** Every way in which an error of the catalogue is made. */
const MAKERS = ['sluiceError', 'errorReport', 'fail'];

describe('the error catalogue', () => {
  const made = firstArguments(sources(['workflows', 'activities', 'client', 'workers']), MAKERS);
  const tested = wordsInCapitals(
    sources(['test']).filter(
      ({ fileName }) => /\.(test|suite)\.ts$/.test(fileName) && !/error-catalogue/.test(fileName),
    ),
  );

  it.each(Object.keys(catalogue))('%s is thrown or answered by the product, and met in a test', (code) => {
    expect([...made].includes(code)).toBe(true);
    expect([...tested].includes(code)).toBe(true);
  });

  it.each(Object.entries(catalogue))('%s says what to do', (_code, entry) => {
    const hint = (entry.hint as (data: object) => string)({});
    expect(hint.length).toBeGreaterThan(5);
  });
});
