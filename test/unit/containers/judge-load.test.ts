import { describe, expect, it } from 'vitest';
import { judgeLoad, loadNumbers } from '#domain/containers/judge-load.ts';
import type { LoadTest } from '#domain/plan/steps.ts';

const load: LoadTest = {
  path: '/',
  durationMs: 1_000,
  requestsPerSecond: 100,
  maximumFailedPercent: 1,
  maximumP99Ms: 50,
};
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => count - index);

describe('the numbers of a load test', () => {
  it('take the nearest rank, whatever the order', () => {
    expect(loadNumbers({ latenciesMs: upTo(200), failed: 0, tookMs: 2_000 })).toEqual({
      requests: 200,
      failed: 0,
      failedPercent: 0,
      requestsPerSecond: 100,
      p50Ms: 100,
      p99Ms: 198,
      maximumMs: 200,
    });
  });

  it('have no times without an answer', () => {
    expect(loadNumbers({ latenciesMs: [], failed: 3, tookMs: 10 })).toMatchObject({ failedPercent: 100, p99Ms: null });
  });
});

describe('a load test', () => {
  const judge = (latenciesMs: number[], failed: number, changes: Partial<LoadTest> = {}) =>
    judgeLoad({ ...load, ...changes }, loadNumbers({ latenciesMs, failed, tookMs: 1_000 }));

  it('passes within its limits, and says the numbers', () => {
    expect(judge(upTo(50), 0)).toEqual({
      kind: 'passed',
      summary: '50 requests, 0 % failed, p50 25 ms, p99 50 ms, maximum 50 ms',
    });
    expect(judge(upTo(99).fill(1), 1)).toMatchObject({ kind: 'passed' });
  });

  it('fails beyond any of them', () => {
    expect(judge(upTo(51), 0).summary).toMatch(/^p99 above 50 ms: 51 requests/);
    expect(judge([1], 1).summary).toMatch(/^more than 1 % failed: 2 requests, 50 % failed/);
    expect(judge([], 5)).toMatchObject({ kind: 'failed' });
    expect(judge(upTo(51), 0, { maximumP99Ms: null })).toMatchObject({ kind: 'passed' });
  });

  it('that sent nothing says nothing', () => {
    expect(judge([], 0)).toMatchObject({ kind: 'inconclusive' });
  });
});
