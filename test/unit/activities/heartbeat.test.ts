import { MockActivityEnvironment } from '@temporalio/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { withHeartbeat, type Pulse } from '../../../activities/runtime/heartbeat.ts';

const MINUTE_MS = 60_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Heartbeats in each of `minutes` minutes of work that does `each` at their beginnings. */
async function beats(minutes: number, each: (pulse: Pulse) => void, stuckAfterMs?: number): Promise<number[]> {
  const environment = new MockActivityEnvironment({ heartbeatTimeoutMs: 3_000 });
  const seen: number[] = [];
  environment.on('heartbeat', () => (seen[seen.length - 1] = (seen.at(-1) ?? 0) + 1));
  await environment.run(() =>
    withHeartbeat(async (pulse) => {
      for (let minute = 0; minute < minutes; minute += 1) {
        seen.push(0);
        each(pulse);
        await vi.advanceTimersByTimeAsync(MINUTE_MS);
      }
    }, stuckAfterMs),
  );
  return seen;
}

describe('the heart of an activity', () => {
  it('beats as long as the work says that it goes on', async () => {
    const seen = await beats(3, (pulse) => pulse.note('on'));
    expect(Math.min(...seen)).toBeGreaterThan(60);
  });

  it('stops when the work says nothing for a minute, so that another attempt takes over', async () => {
    const [first = 0, second] = await beats(2, () => undefined);
    expect(first).toBeGreaterThan(60);
    expect(second).toBe(0);
  });

  it('beats on for work that bounds itself', async () => {
    const seen = await beats(5, () => undefined, 10 * MINUTE_MS);
    expect(Math.min(...seen)).toBeGreaterThan(60);
  });
});
