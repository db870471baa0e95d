import { describe, expect, it } from 'vitest';
import { filterWords } from '../../../client/cli/commands/list-options.ts';
import { runFilterOf, type RunWish } from '../../../client/engine/runs/run-filter.ts';

const NOW = '2026-01-31T12:00:00.000Z';
const filterOf = (wish: Partial<RunWish>) => runFilterOf({ limit: 20, ...wish }, NOW);

describe('the phases of a list', () => {
  it.each([
    [['failed'], ['failed']],
    [
      ['failed', 'queued'],
      ['queued', 'failed'],
    ],
    [['open'], ['queued', 'waiting-for-window', 'awaiting-approval', 'running', 'paused', 'rolling-back']],
    [['closed'], ['completed', 'rolled-back', 'cancelled', 'failed', 'rollback-incomplete']],
    [
      ['closed', 'paused', 'failed'],
      ['paused', 'completed', 'rolled-back', 'cancelled', 'failed', 'rollback-incomplete'],
    ],
  ])('%j are %j', (phase, phases) => expect(filterOf({ phase }).phases).toEqual(phases));

  it('are all of them where none is asked for', () => expect(filterOf({}).phases).toBeUndefined());

  it.each([
    [[], 'names no phase'],
    [['open', 'broken'], 'there is no phase broken'],
  ])('%j are refused, with those that there are', (phase, why) => {
    expect(() => filterOf({ phase })).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: expect.stringContaining(why) as unknown,
        report: expect.objectContaining({
          where: '--phase',
          hint: expect.stringMatching(/open, closed, queued, .*rollback-incomplete/) as unknown,
        }) as unknown,
      }),
    );
  });
});

describe('the times of a list', () => {
  it.each([
    ['2h', '2026-01-31T10:00:00.000Z'],
    ['7d', '2026-01-24T12:00:00.000Z'],
    ['0s', NOW],
    ['2026-01-30T08:30Z', '2026-01-30T08:30:00.000Z'],
    ['2026-01-30T08:30:15.5+02:00', '2026-01-30T06:30:15.500Z'],
    ['999999d', '1970-01-01T00:00:00.000Z'],
    ['0000-01-01T00:00Z', '1970-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59-10:00', '9999-12-31T23:59:59.999Z'],
  ])('%s is %s', (text, at) => {
    expect(filterOf({ since: text }).since).toBe(at);
    expect(filterOf({ until: text }).until).toBe(at);
  });

  it('without an offset are those of this machine, a date alone is its first moment', () => {
    expect(filterOf({ since: '2026-01-30' }).since).toBe(new Date(2026, 0, 30).toISOString());
    expect(filterOf({ since: '2026-01-30T08:30' }).since).toBe(new Date(2026, 0, 30, 8, 30).toISOString());
  });

  it.each(['', 'yesterday', '2', '-2h', '12:30', '2026', '2026-02-30', '2026-01-30T25:00Z', '1e400d'])(
    '%j is refused, with what is understood',
    (text) => {
      expect(() => filterOf({ until: text })).toThrow(
        expect.objectContaining({
          code: 'USAGE',
          report: expect.objectContaining({
            where: '--until',
            found: JSON.stringify(text),
            hint: expect.stringContaining('2h or 7d') as unknown,
          }) as unknown,
        }),
      );
    },
  );

  it('that end before they begin are refused: no list could hold anything', () => {
    expect(() => filterOf({ since: '1h', until: '2h' })).toThrow('--since is after --until');
    expect(filterOf({ since: '2h', until: '2h' })).toMatchObject({ since: filterOf({ until: '2h' }).until });
  });
});

it('filters are told as they are typed, the limit is none', () => {
  expect(filterWords({ limit: 20 })).toEqual([]);
  expect(filterWords({ startedBy: 'ada', phase: ['open', 'failed'], since: '2h', limit: 3 })).toEqual([
    '--started-by ada',
    '--phase open,failed',
    '--since 2h',
  ]);
});
