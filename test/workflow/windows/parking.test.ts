// Runs whose windows are closed: they wait, go on by themselves, and take every command meanwhile.
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { standingAt } from '#domain/windows/standing.ts';
import { approve, bake, CANARY, DAY_MS, gate, HOUR_MS, offer } from '../../support/runs/plan-builder.ts';
import { aReleasePlan } from '../../support/runs/container-plan-builder.ts';
import { offeredWaves, refused, runsOfThisFile, story } from '../../support/runs/with-run.ts';
import {
  beginnings,
  changeOfClock,
  MINUTE_MS,
  NEVER,
  nightly,
  parkings,
} from '../../support/windows/coming-windows.ts';
import { daily } from '../../support/windows/window-builder.ts';

const startRun = runsOfThisFile();
const bad = { kind: 'unhealthy', criterion: 'health-check', summary: 'health failed', evidence: 'evd_1' } as const;
const twoNights = { steps: [offer(1), bake(1, 2 * HOUR_MS), offer(2)] };

describe('a run outside its window', () => {
  it('parks before its first effect, says why and until when, and goes on when the window opens', async () => {
    const window = nightly(5 * HOUR_MS, 60);
    const run = await startRun({ input: { windows: [window] } });
    await run.journaled('window-closed');
    const { state } = await run.view();
    expect(state).toMatchObject({ phase: 'waiting-for-window', heldBy: 'window' });
    expect(parkings(run)).toEqual([
      {
        heldBy: 'window',
        windows: ['nights'],
        opensAt: 'opensAt' in state && state.opensAt,
        reason: 'reason' in state && state.reason,
      },
    ]);
    expect(story(run)).toContainEqual(expect.stringMatching(/^outside of nights: FREQ=DAILY, .*; opens 2/));
    expect((await run.result()).phase).toBe('completed');
    const opening = standingAt([window], run.fleet.journal(run.runId)[0]?.at ?? '');
    expect(beginnings(run)[0]).toBeGreaterThanOrEqual(Date.parse(('opensAt' in opening && opening.opensAt) || ''));
    expect(story(run)).toContainEqual('the window is open');
  });

  it('asks its gates and its people first: they change nothing', async () => {
    const steps = [gate(), approve(), offer(1)];
    const run = await startRun({ plan: { steps }, input: { windows: [nightly(5 * HOUR_MS, 60)] } });
    await run.journaled('phase-changed', /waits for 1 of role/);
    await run.approve('ada');
    await run.journaled('window-closed');
    expect(offeredWaves(run)).toEqual([]);
    expect((await run.result()).phase).toBe('completed');
  });

  it('takes three nights for three waves that a bake carries past the close', async () => {
    const steps = [1, 2, 3].flatMap((wave) => [offer(wave), bake(wave, 20 * MINUTE_MS)]);
    const window = nightly(HOUR_MS, 10);
    const run = await startRun({ plan: { steps }, input: { windows: [window] }, maxCachedWorkflows: 0 });
    expect((await run.result()).phase).toBe('completed');
    const [first = 0, ...others] = beginnings(run);
    expect(others.map((at) => Math.round((at - first) / DAY_MS))).toEqual([1, 2]);
    for (const at of beginnings(run)) expect(standingAt([window], new Date(at).toISOString()).kind).toBe('open');
    expect(beginnings(run, 'bake').map((at) => Math.round((at - first) / DAY_MS))).toEqual([0, 1, 2]);
    expect(parkings(run)).toHaveLength(3);
  });

  it('goes on under the watch: a breach takes it back at once, window or not', async () => {
    const run = await startRun({
      plan: twoNights,
      input: { windows: [nightly(HOUR_MS, 10)] },
      script: { look: ({ elapsedMs }) => (elapsedMs > 6 * HOUR_MS ? bad : { kind: 'healthy' }) },
    });
    expect((await run.result()).phase).toBe('rolled-back');
    expect(offeredWaves(run)).toEqual([1]);
    const [first = 0] = beginnings(run);
    expect(Date.parse(run.fleet.journal(run.runId).at(-1)?.at ?? '') - first).toBeLessThan(DAY_MS / 2);
  });

  it('without any window begins at once and journals none', async () => {
    const run = await startRun({ input: { windows: [] } });
    expect((await run.result()).phase).toBe('completed');
    expect(parkings(run)).toEqual([]);
  });

  it('waits in no window while requests wait at the router', async () => {
    const plan = aReleasePlan({ strategy: { kind: 'recreate' } });
    // A bake carries the run past the close, with the router holding.
    const steps = plan.steps.flatMap((step) =>
      step.kind === 'hold' && step.action === 'begin' ? [step, bake(1, HOUR_MS)] : [step],
    );
    const run = await startRun({ containers: { ...plan, steps }, input: { windows: [nightly(HOUR_MS, 10)] } });
    expect((await run.result()).phase).toBe('completed');
    expect(run.release.ledger).toMatchObject({ isHolding: false, stable: 'new' });
    expect(parkings(run)).toHaveLength(1);
  });
});

describe('a window at a change of the clock', () => {
  // 02:00 to 03:00 does not exist in March, and exists twice in October.
  it.each([
    ['that spring skips opens a night later', 3, ['02:00', '02:30'], [1]],
    ['that spring begins late opens with the change', 3, ['02:30', '03:30'], [0, 1]],
    ['that autumn repeats opens twice in that night', 10, ['02:00', '02:30'], [0, 0]],
  ] as const)('%s', async (_what, month, [from, to], nights) => {
    const eve = changeOfClock(month).plus({ minutes: 30 });
    const windows = [daily(from, to, { timezone: 'Europe/Berlin' })];
    const schedule = { startAt: eve.toUTC().toJSDate().toISOString(), endsAt: null };
    const steps = [offer(1), bake(1, 45 * MINUTE_MS), offer(2)].slice(0, nights.length === 1 ? 1 : 3);
    const run = await startRun({ plan: { steps }, input: { windows, schedule } });
    expect((await run.result()).phase).toBe('completed');
    for (const at of beginnings(run)) expect(standingAt(windows, new Date(at).toISOString()).kind).toBe('open');
    const sunday = eve.startOf('day');
    const days = beginnings(run).map((at) =>
      Math.floor(DateTime.fromMillis(at, { zone: sunday.zone }).diff(sunday, 'days').days),
    );
    expect(days).toEqual(nights);
  });
});

describe('a command to a parked run', () => {
  const parked = async (inMs = 5 * HOUR_MS) => {
    const run = await startRun({ plan: { steps: CANARY }, input: { windows: [nightly(inMs, 60)] } });
    await run.journaled('window-closed');
    return run;
  };

  it('pauses it at once; it begins nothing when the window opens, and goes on after the resume', async () => {
    const run = await parked();
    expect((await run.command('pauseRun')).state).toMatchObject({
      phase: 'paused',
      under: { phase: 'waiting-for-window' },
    });
    await run.sleep(5 * HOUR_MS + 30 * MINUTE_MS);
    expect(offeredWaves(run)).toEqual([]);
    await run.command('resumeRun');
    expect((await run.result()).phase).toBe('completed');
  });

  it('resumed before the window opens it waits on, without a word', async () => {
    const run = await parked();
    await run.command('pauseRun');
    expect((await run.command('resumeRun')).state.phase).toBe('waiting-for-window');
    await run.sleep(HOUR_MS);
    expect(parkings(run)).toHaveLength(1);
    expect((await run.result()).phase).toBe('completed');
  });

  it.each([
    ['cancelRun', 'cancelled'],
    ['rollBackRun', 'rolled-back'],
  ] as const)('%s ends it at once, before any effect', async (command, phase) => {
    const run = await parked();
    await run.command(command);
    expect((await run.result()).phase).toBe(phase);
    expect(offeredWaves(run)).toEqual([]);
  });

  it('takes it back in the middle, outside its window', async () => {
    const run = await startRun({ plan: twoNights, input: { windows: [nightly(HOUR_MS, 10)] } });
    await run.sleep(HOUR_MS + MINUTE_MS);
    await run.journaled('step-started', /bake/);
    await run.sleep(3 * HOUR_MS);
    expect((await run.view()).state.phase).toBe('waiting-for-window');
    await run.command('rollBackRun', { reason: 'customers complain' });
    expect(await run.result()).toMatchObject({ phase: 'rolled-back', reason: 'ada: customers complain' });
    expect(run.fleet.calls.map(({ name }) => name)).toContain('rollBackFleet');
  });

  it('from Temporal itself cancels it', async () => {
    const run = await parked();
    await run.handle.cancel();
    expect((await run.result()).phase).toBe('cancelled');
  });
});

describe('start now', () => {
  it('lets a parked run go on, journaled with the person and the reason', async () => {
    const run = await startRun({ plan: { steps: [offer(1)] }, input: { windows: [NEVER] } });
    await run.journaled('window-closed', /denied by shut .*it does not open by itself/);
    await run.command('startRunNow', { reason: 'hotfix' });
    expect((await run.result()).phase).toBe('completed');
    expect(story(run)).toContainEqual('start now by ada (unverified): hotfix');
    expect(story(run)).toContainEqual('goes on before its time: ada: hotfix');
  });

  it('counts until the window would have opened: afterwards windows hold again', async () => {
    const run = await startRun({ plan: twoNights, input: { windows: [nightly(HOUR_MS, 10)] } });
    await run.journaled('window-closed');
    await run.command('startRunNow');
    expect((await run.result()).phase).toBe('completed');
    const [first = 0, second = 0] = beginnings(run);
    expect(second - first).toBeGreaterThan(DAY_MS / 2);
    expect(parkings(run)).toHaveLength(2);
  });

  it('waits for the end of a pause', async () => {
    const run = await startRun({ plan: { steps: [offer(1)] }, input: { windows: [NEVER] } });
    await run.journaled('window-closed');
    await run.command('pauseRun');
    await run.command('startRunNow');
    await run.sleep(HOUR_MS);
    expect(offeredWaves(run)).toEqual([]);
    await run.command('resumeRun');
    expect((await run.result()).phase).toBe('completed');
  });

  it('is refused without a reason, without the role, and where no window holds', async () => {
    const run = await startRun({ plan: { steps: [bake(1, HOUR_MS), offer(1)] }, input: { windows: [NEVER] } });
    await expect(run.command('startRunNow')).rejects.toMatchObject(refused('RUN_NOT_WAITING'));
    await run.sleep(2 * HOUR_MS);
    await expect(run.command('startRunNow', { reason: ' ' })).rejects.toMatchObject(refused('REASON_REQUIRED'));
    await expect(run.command('startRunNow', { roles: ['viewer'] })).rejects.toMatchObject(
      refused('APPROVAL_ROLE_MISSING'),
    );
    await run.command('startRunNow', { roles: ['admin'] });
    expect((await run.result()).phase).toBe('completed');
  });
});
