import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { sluiceError } from '#domain/errors/failure.ts';
import { isPassingDatabaseError } from '../../../activities/adapters/postgres/passing-error.ts';
import { fail } from '../../../activities/runtime/fail.ts';
import { guarded } from '../../../activities/runtime/guard.ts';

async function thrown(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  return undefined;
}

const withCode = (code: string): Error => Object.assign(new Error(code), { code });

describe('a failing activity', () => {
  it('says its code, its report, and by its kind whether it is tried again', async () => {
    const failure = await thrown(() => fail('PLAN_NOT_FOUND', { plan: 'plan_1' }, { where: 'offer' }));
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type: 'PLAN_NOT_FOUND', nonRetryable: true, message: 'no such plan: plan_1' });
    expect((failure as ApplicationFailure).details).toEqual([
      { code: 'PLAN_NOT_FOUND', message: 'no such plan: plan_1', where: 'offer', found: '', hint: 'sluice plan list' },
    ]);
  });

  it('waits without noise for what is expected to take time', async () => {
    const failure = await thrown(() => fail('NOTHING_YET', { look: 3 }, { nextRetryDelayMs: 5_000 }));
    expect(failure).toMatchObject({
      nonRetryable: false,
      category: ApplicationFailureCategory.BENIGN,
      nextRetryDelay: 5_000,
    });
  });

  it('turns errors of domain and database into failures, and leaves others alone', async () => {
    const of = (error: Error) => thrown(() => guarded(() => Promise.reject(error))({}));
    const mismatch = { plan: 'p', expected: 'a', got: 'b' };
    expect(await of(sluiceError('PLAN_DIGEST_MISMATCH', mismatch))).toMatchObject({ nonRetryable: true });
    expect(await of(withCode('57P01'))).toMatchObject({ type: 'DATABASE_ERROR', nonRetryable: false });
    const bug = new Error('bug');
    expect(await of(bug)).toBe(bug);
  });

  it('leaves a failure as it is, even one that repeats the words of the database', async () => {
    const why = 'Connection terminated';
    const failure = await thrown(() => fail('WATCH_BLIND', { looks: 1, why }, { nextRetryDelayMs: 5_000 }));
    expect(await thrown(() => guarded(() => Promise.reject(failure as Error))({}))).toBe(failure);
  });
});

describe('errors of PostgreSQL', () => {
  it.each(['57P01', '57P03', '57014', '08006', '40P01', '40001', '53300', 'ECONNREFUSED', 'ECONNRESET'])(
    '%s passes by waiting',
    (code) => expect(isPassingDatabaseError(withCode(code))).toBe(true),
  );

  it.each(['23505', '42P01', '22P02'])('%s does not', (code) =>
    expect(isPassingDatabaseError(withCode(code))).toBe(false),
  );

  it('knows the driver that lost its connection', () => {
    expect(isPassingDatabaseError(new Error('Connection terminated unexpectedly'))).toBe(true);
    expect(isPassingDatabaseError('Connection terminated')).toBe(false);
  });
});
