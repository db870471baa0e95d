// Runs with a time of their own: they wait for it, and begin nothing after it is over without asking.
import { describe, expect, it } from 'vitest';
import type { RunSchedule } from '#domain/windows/clearance.ts';
import { bake, HOUR_MS, offer } from '../../support/runs/plan-builder.ts';
import { offeredWaves, runsOfThisFile, story } from '../../support/runs/with-run.ts';
import { beginnings, nightly, parkings } from '../../support/windows/coming-windows.ts';

const startRun = runsOfThisFile();
const in_ = (ms: number): string => new Date(Date.now() + ms).toISOString();
const scheduled = (startMs: number, endMs: number | null = null): RunSchedule => ({
  startAt: in_(startMs),
  endsAt: endMs === null ? null : in_(endMs),
});

describe('a scheduled run', () => {
  it('waits for its time and begins then by itself', async () => {
    const schedule = scheduled(30 * HOUR_MS);
    const run = await startRun({ plan: { steps: [offer(1)] }, input: { schedule } });
    await run.journaled('window-closed', /^scheduled for /);
    expect((await run.view()).state).toMatchObject({ heldBy: 'schedule', opensAt: schedule.startAt });
    expect((await run.result()).phase).toBe('completed');
    expect(beginnings(run)[0]).toBeGreaterThanOrEqual(Date.parse(schedule.startAt));
  });

  it('waits for the window after its time where one is closed then', async () => {
    const schedule = scheduled(30 * HOUR_MS);
    const run = await startRun({
      plan: { steps: [offer(1)] },
      input: { schedule, windows: [nightly(48 * HOUR_MS, 60)] },
    });
    await run.journaled('window-closed', /^scheduled for .*, and then outside of nights/);
    expect((await run.result()).phase).toBe('completed');
    expect(beginnings(run)[0]).toBeGreaterThanOrEqual(Date.parse(schedule.startAt) + 17 * HOUR_MS);
  });

  it('is started now by anybody with a reason, as no window holds it', async () => {
    const run = await startRun({ plan: { steps: [offer(1)] }, input: { schedule: scheduled(30 * HOUR_MS) } });
    await run.journaled('window-closed');
    await run.command('startRunNow', { roles: [] });
    expect((await run.result()).phase).toBe('completed');
  });

  it('asks a person when its time is over, and goes on beyond it after a resume', async () => {
    const steps = [offer(1), bake(1, 2 * HOUR_MS), offer(2), offer(3)];
    const run = await startRun({ plan: { steps }, input: { schedule: scheduled(HOUR_MS, 2 * HOUR_MS) } });
    await run.sleep(4 * HOUR_MS);
    expect((await run.view()).state).toMatchObject({
      phase: 'paused',
      by: 'sluice',
      reason: expect.stringMatching(/^its scheduled time ended at .*: resume goes on/) as string,
    });
    await run.sleep(48 * HOUR_MS);
    expect(offeredWaves(run)).toEqual([1]);
    await run.command('resumeRun');
    expect((await run.result()).phase).toBe('completed');
    expect(offeredWaves(run)).toEqual([1, 2, 3]);
  });

  it('asks at the end of its time, too, when no window opened in it', async () => {
    const input = { schedule: scheduled(0, 2 * HOUR_MS), windows: [nightly(5 * HOUR_MS, 60)] };
    const run = await startRun({ plan: { steps: [offer(1)] }, input });
    await run.journaled('window-closed');
    await run.sleep(3 * HOUR_MS);
    expect((await run.view()).state.phase).toBe('paused');
    // A resume sets the end aside, not the window.
    expect((await run.command('resumeRun')).state.phase).not.toBe('paused');
    expect((await run.result()).phase).toBe('completed');
    expect(parkings(run)).toHaveLength(2);
    expect(story(run)).toContainEqual('the window is open');
  });
});
