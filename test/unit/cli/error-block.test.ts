import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { errorReport, sluiceError } from '#domain/errors/failure.ts';
import { toSluiceError } from '../../../client/cli/errors.ts';
import { errorDocument, renderError } from '../../../client/cli/render/error.ts';

const report = errorReport(
  'PLAN_FIRMWARE_UNKNOWN',
  { firmware: 'edge', version: '9.9.9' },
  { where: 'deployment-plan.json: firmware_version', found: 'edge: 1.0.0, 1.1.0' },
);

describe('an error in a terminal', () => {
  it('is one block: code, what, where, what was found, what to do', () => {
    expect(renderError(report, false)).toBe(
      `✗ PLAN_FIRMWARE_UNKNOWN  firmware edge 9.9.9 does not exist
  in     deployment-plan.json: firmware_version
  found  edge: 1.0.0, 1.1.0
  try    sluice artifact add FILE --name edge --version 9.9.9 --hardware HARDWARE
`,
    );
  });

  it('leaves out what is not known and hangs further lines', () => {
    const many = errorReport('CONFIG_INVALID', { problems: 'a: expected one\nb: expected two' }, { hint: '' });
    expect(renderError(many, false)).toBe('✗ CONFIG_INVALID  a: expected one\n  b: expected two\n');
  });

  it('is broken at spaces where the terminal ends, but never in what can be done', () => {
    const place = { found: 'one two three four five six', hint: 'sluice do something that is long --with options' };
    const text = renderError(errorReport('USAGE', { why: 'this is a message of many words' }, place), false, {
      width: 30,
    });
    expect(text).toBe(`✗ USAGE  this is a message of
  many words
  found  one two three four
         five six
  try    sluice do something that is long --with options
`);
  });

  it('tells times on the reader’s clock, but leaves those that are there to be typed', () => {
    const at = '2026-03-20T22:00:00Z';
    const place = { found: at, hint: `sluice deploy execute --at ${at}` };
    const clock = { now: '2026-03-20T21:00:00Z', timeZone: 'UTC' };
    const text = renderError(errorReport('USAGE', { why: `it is ${at}` }, place), false, { clock });
    expect(text.split(at)).toHaveLength(2);
    expect(text).toContain(`  try    sluice deploy execute --at ${at}\n`);
  });

  it('carries no meaning by colour alone', () => {
    expect(stripVTControlCharacters(renderError(report, true))).toBe(renderError(report, false));
  });
});

describe('an error for programs', () => {
  it('has the same five things', () => {
    expect(Object.keys(errorDocument(report).error)).toEqual(['code', 'message', 'where', 'found', 'hint']);
  });
});

describe('anything that was thrown', () => {
  it('is taken as it is when it is of the catalogue', () => {
    const error = sluiceError('RUN_NOT_FOUND', { run: 'exe_1' });
    expect(toSluiceError(error)).toBe(error);
  });

  it('is found under the failures that carried it', () => {
    const carried = Object.assign(new Error('activity failed'), {
      cause: Object.assign(new Error('x'), { details: [report] }),
    });
    expect(toSluiceError(carried).code).toBe('PLAN_FIRMWARE_UNKNOWN');
  });

  it('is a database error when PostgreSQL says so', () => {
    const error = Object.assign(new Error('permission denied'), { severity: 'ERROR', code: '42501' });
    expect(toSluiceError(error)).toMatchObject({ code: 'DATABASE_ERROR', message: 'PostgreSQL: permission denied' });
  });

  it.each([
    [new TypeError('x is undefined'), 'unexpected: x is undefined'],
    ['text', 'unexpected: text'],
  ])('is INTERNAL otherwise: %s', (thrown, message) => {
    expect(toSluiceError(thrown)).toMatchObject({ code: 'INTERNAL', message, exitCode: 6 });
  });
});
