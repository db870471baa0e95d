import { afterEach, describe, expect, it } from 'vitest';
import { EmergencyWorld, settled, way } from '../../support/emergency/emergency-world.ts';
import { eventually } from '../../support/eventually.ts';

let world: EmergencyWorld;
afterEach(() => world.close());

const CHAIN = [way('web'), way('api', ['web']), way('db', ['api', 'web'])];
const FAILED = { phase: 'rolled-back', reason: 'not ready', isNeverStarted: false } as const;
const LOST = { phase: 'failed', reason: '', isNeverStarted: true } as const;

const stateOf = (applications: readonly { readonly application: string; readonly state: string }[]) =>
  Object.fromEntries(applications.map(({ application, state }) => [application, state]));

describe('the rollback of an environment', () => {
  it('holds it, stops its runs, plans, goes back one after the other, and gives it back at the very end', async () => {
    world = await EmergencyWorld.open({ stopAfterMs: { exe_shop: 3_000 }, ways: CHAIN });
    const report = await world.end();
    expect(world.story).toEqual([
      ...['hold', 'stop', 'plan', 'start web', 'back web', 'start api', 'back api', 'start db', 'back db', 'release'],
    ]);
    expect(report).toMatchObject({ stage: 'ended', left: [], runCounts: { 'rolled-back': 1, open: 0 } });
    expect(report.endedAt).not.toBeNull();
    expect(world.journal.map(({ type }) => type)).toEqual([
      ...['run-started', 'step-started', 'command-accepted', 'step-started'],
      ...CHAIN.flatMap(() => ['rollback-started', 'rollback-ended']),
      'run-ended',
    ]);
  });

  it('starts at once what has to wait for nobody', async () => {
    world = await EmergencyWorld.open({ ways: [way('shop'), way('mail'), way('db', ['shop'])] });
    await world.end();
    const starts = world.story.filter((one) => one.startsWith('start'));
    expect(starts.slice(0, 2).sort()).toEqual(['start mail', 'start shop']);
    expect(world.story.indexOf('back shop')).toBeLessThan(world.story.indexOf('start db'));
  });

  it('goes on when one does not come back or cannot be started, and names it with what to do', async () => {
    world = await EmergencyWorld.open({ ways: [...CHAIN, way('mail')], ends: { web: [FAILED] }, refused: ['mail'] });
    const report = await world.end();
    expect(stateOf(report.applications)).toEqual({ web: 'failed', api: 'back', db: 'back', mail: 'failed' });
    expect(report.left.map(({ what }) => what).sort()).toEqual(['mail', 'web']);
    const [web] = report.left.filter(({ what }) => what === 'web');
    expect(web?.why).toBe('rolled-back: not ready');
    expect(web?.todo).toContain('--application web');
  });

  it('starts a way back anew that was lost before it began, with another run', async () => {
    world = await EmergencyWorld.open({ ways: [way('web')], ends: { web: [LOST, LOST] } });
    const report = await world.end();
    expect(world.story.filter((one) => one === 'start web')).toHaveLength(3);
    expect(report).toMatchObject({ left: [], applications: [{ state: 'back' }] });
    const runs = world.journal.flatMap(({ type, data }) => (type === 'rollback-started' ? [data['run']] : []));
    expect(new Set(runs).size).toBe(3);
  });

  it('names at its end what is left then, not what was before late runs came back', async () => {
    const rollout = { what: 'edge 1.0.0', why: 'completed', todo: 'plan the version before' };
    world = await EmergencyWorld.open({ stopAfterMs: { exe_late: 60_000 }, leftAtFirst: [rollout] });
    const report = await world.end();
    expect(world.story.filter((one) => one === 'plan')).toHaveLength(2);
    expect(report.left).toEqual([]);
  });

  it('goes on without a run that does not stop, waits for it beside, and names it when it never does', async () => {
    const hour = 3_600_000;
    const script = { ways: [way('web')], settled: [settled('shop', 'waiting')], giveUpAfterMs: hour };
    world = await EmergencyWorld.open({ ...script, stopAfterMs: { exe_shop: 2 * hour }, later: script.settled });
    const report = await world.end();
    expect(world.story).toEqual(['hold', 'stop', 'plan', 'start web', 'back web', 'stop', 'plan', 'release']);
    expect(report.left.map(({ what }) => what)).toEqual(['shop']);
    expect(report.left[0]?.todo).toContain('sluice run show exe_its');
    const tookMs = Date.parse(report.endedAt ?? '') - Date.parse(report.startedAt);
    expect(tookMs).toBeGreaterThanOrEqual(hour);
    expect(report.runCounts.open).toBe(1);
  });

  it('takes along what stopped late', async () => {
    const script = { ways: [way('web')], settled: [settled('shop', 'waiting')] };
    world = await EmergencyWorld.open({
      ...script,
      stopAfterMs: { exe_shop: 60_000 },
      later: [settled('shop', 'back'), settled('web', 'left')],
    });
    const report = await world.end();
    expect(stateOf(report.applications)).toEqual({ shop: 'back', web: 'back' });
    expect(report.left).toEqual([]);
  });

  it('is not stopped by a cancel from Temporal', async () => {
    world = await EmergencyWorld.open({ stopAfterMs: { exe_shop: 5_000 }, ways: [way('web')] });
    const handle = await world.start();
    await eventually(async () => expect((await world.report(handle)).stage).toBe('stopping-runs'));
    await handle.cancel();
    expect(await world.result(handle)).toMatchObject({ stage: 'ended', left: [] });
  });
});
