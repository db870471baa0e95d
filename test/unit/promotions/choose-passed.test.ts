import { describe, expect, it } from 'vitest';
import type { Tried } from '../../../activities/adapters/postgres/promotions.ts';
import { choosePassed, type LatestRun } from '../../../client/engine/promotions/choose-passed.ts';
import { inOrder } from '../../../client/engine/promotions/in-order.ts';

const tried = (over: Partial<Tried>): Tried => ({
  subject: 'shop',
  run: 'exe_1',
  version: '1.0.0',
  digest: 'sha256:1',
  image: null,
  phase: 'completed',
  wasStable: true,
  isCurrent: false,
  ...over,
});
const choose = (all: readonly Tried[], version: string | null = null, latest: LatestRun | null = null) =>
  choosePassed(all, latest, { environment: 'staging', subject: 'shop', version });
const refusedWith = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('the version that may go on', () => {
  it('is the one in use, not the latest that was tried', () => {
    const all = [
      tried({ isCurrent: true }),
      tried({ run: 'exe_2', version: '1.1.0', phase: 'rolled-back', wasStable: false }),
    ];
    expect(choose(all).run).toBe('exe_1');
  });

  it('is the latest release of the version that is named', () => {
    const all = [tried({ run: 'exe_3', phase: 'failed' }), tried({ run: 'exe_2' }), tried({ run: 'exe_1' })];
    expect(choose(all, '1.0.0').run).toBe('exe_2');
  });

  it.each([
    ['one in use whose run is not over', [tried({ isCurrent: true, phase: 'running' })], null, null],
    ['one in use whose run is lost', [tried({ isCurrent: true, phase: null })], null, null],
    ['a version that was taken back', [tried({ phase: 'rolled-back', wasStable: false })], '1.0.0', null],
    ['a run that came to no release', [], null, { run: 'exe_9', version: '1.0.0', phase: 'failed' }],
  ])('is not %s', (_what, all, version, latest) => {
    expect(refusedWith(() => choose(all, version, latest))).toBe('PROMOTION_NOT_PASSED');
  });

  it('is none where nothing was tried, and none of a version that nobody knows', () => {
    expect(refusedWith(() => choose([]))).toBe('PROMOTION_NEVER_DEPLOYED');
    expect(refusedWith(() => choose([], '1.0.0'))).toBe('PROMOTION_NEVER_DEPLOYED');
    expect(refusedWith(() => choose([tried({ isCurrent: true })], '2.0.0'))).toBe('PROMOTION_VERSION_UNKNOWN');
  });
});

describe('the order of several', () => {
  const needs: Readonly<Record<string, readonly string[]>> = {
    web: ['api', 'gone'],
    api: ['db'],
    db: ['web'],
    mail: [],
  };
  const ordered = (...names: string[]) =>
    inOrder(
      names,
      (name) => name,
      (name) => needs[name] ?? [],
    );

  it('puts what others depend on first and leaves the rest as it was', () => {
    expect(ordered('mail', 'web', 'api')).toEqual(['mail', 'api', 'web']);
  });

  it('comes to an end where they wait for each other', () => {
    expect(ordered('web', 'api', 'db')).toHaveLength(3);
  });
});
