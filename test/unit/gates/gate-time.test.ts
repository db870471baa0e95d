import { describe, expect, it } from 'vitest';
import { longestCheckMs } from '#domain/plan/gate-time.ts';
import type { HttpHealthCheck } from '#domain/plan/health-check.ts';
import { gateCheck } from '../../../workflows/runtime/profiles.ts';

const DAY_MS = 86_400_000;
const http = (timeoutMs: number, retryCount: number): HttpHealthCheck => ({
  type: 'http',
  name: 'api',
  url: 'http://h/',
  method: 'GET',
  expectedStatus: 200,
  timeoutMs,
  retryCount,
});

describe('the time of a gate', () => {
  it('is that of its command, however long', () => {
    expect(longestCheckMs({ run: 'command', command: ['soak'], timeoutMs: 6 * DAY_MS })).toBe(6 * DAY_MS);
  });

  it('is that of all tries of the slowest check', () => {
    const checks = [http(1_000, 20), http(60_000, 3)];
    expect(longestCheckMs({ run: 'health_check', checks })).toBeGreaterThanOrEqual(4 * 60_000);
    expect(longestCheckMs({ run: 'http', check: http(60_000, 3) })).toBeGreaterThanOrEqual(4 * 60_000);
  });

  it('is longer for its activity, which still has to store what it saw', () => {
    const profile = gateCheck(6 * DAY_MS);
    expect(profile).toMatchObject({
      startToCloseTimeout: 7 * DAY_MS,
      retry: { nonRetryableErrorTypes: ['TemporalTimeout:StartToClose'] },
    });
    expect(profile).not.toHaveProperty('retry.maximumAttempts');
  });
});
