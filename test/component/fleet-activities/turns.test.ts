// What devices are when their turn comes, which may be long after they were chosen.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlannedFirmware } from '#domain/plan/plan.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import { createFleetActivities } from '../../../activities/fleet/fleet.activities.ts';
import { settleTargets } from '../../../activities/adapters/postgres/due-targets.ts';
import { inTransaction } from '../../../activities/adapters/postgres/pool.ts';
import { readWaveTallies } from '../../../activities/adapters/postgres/run-counts.ts';
import { inMs, offer, preparedRun, whateverHappens } from '../../support/fleet/fleet-runs.ts';
import { attempt, openFleetWorld, things, type FleetWorld } from '../../support/fleet/fleet-world.ts';
import { percentWaves } from '../../support/fleet/plan-builder.ts';
import { playedDevices, type PlayedDevices } from '../../support/fleet/played-devices.ts';

let world: FleetWorld;
let firmware: PlannedFirmware;
let devices: PlayedDevices;

beforeAll(async () => {
  world = await openFleetWorld();
  for (const version of ['1.0.0', '1.0.5']) await world.addFirmware(version);
  firmware = await world.addFirmware('1.1.0', { minimumVersion: '1.0.0' });
  devices = playedDevices(world.pool);
});
afterAll(() => world.close());
beforeEach(() =>
  world.pool.query('truncate devices, rollouts, rollout_targets, jobs, job_executions, job_counters, evidence'),
);

/** Chosen while all ran 1.0.0; no override speaks for devices without a way back. */
const chosen = (count: number, ...percentages: number[]): Promise<RunRef> =>
  preparedRun(world, firmware, { names: things(count), waves: percentWaves(...percentages), overrides: [] });

const run = (thing: string, version: string) =>
  world.pool.query(`update devices set firmware = $2, revision = nextval('device_revision') where thing = $1`, [
    thing,
    version,
  ]);

const release = (ref: RunRef, changes: Partial<Parameters<typeof offer>[1]> = {}) =>
  offer(world, { ...ref, ...whateverHappens, deadlineAt: inMs(0), ...changes }).result;

async function targets(ref: RunRef): Promise<Record<string, [previous: string, skip: string | null]>> {
  const { rows } = await world.pool.query<{ thing: string; previous: string; skip: string | null }>(
    `select thing, previous_firmware as previous, skip_reason as skip from rollout_targets where run_id = $1 order by 1`,
    [ref.run],
  );
  return Object.fromEntries(rows.map(({ thing, previous, skip }) => [thing, [previous, skip]]));
}

describe('a device whose turn has come', () => {
  it('goes back to what it runs then, not to what it ran when it was chosen', async () => {
    const ref = await chosen(2, 100);
    await run('d-001', '1.0.5');
    expect(await release(ref)).toMatchObject({ counts: { offered: 2 } });
    expect(await targets(ref)).toEqual({ 'd-001': ['1.0.5', null], 'd-002': ['1.0.0', null] });
  });

  it('is skipped and counted when it runs the version by then', async () => {
    const ref = await chosen(3, 100);
    await run('d-002', '1.1.0');
    expect(await release(ref)).toMatchObject({ counts: { offered: 2, skipped: 1 }, unreleased: 0 });
    expect(await targets(ref)).toMatchObject({ 'd-002': ['1.1.0', 'current'] });
    expect(await devices.startNext('d-002')).toBeNull();
  });

  it('is skipped, for a reason of its own, when the firmware does not fit it any more or it could not go back', async () => {
    const ref = await chosen(3, 100);
    await run('d-001', '0.9.0');
    await run('d-002', '1.0.7');
    expect(await release(ref)).toMatchObject({ counts: { offered: 1, skipped: 2 }, unreleased: 0 });
    expect(await targets(ref)).toMatchObject({ 'd-001': ['0.9.0', 'misfit'], 'd-002': ['1.0.7', 'no-way-back'] });
    const count = await attempt(createFleetActivities(world).countRun, ref).result;
    expect(count).toMatchObject({ offered: 1, skipped: 2 });
    expect(await readWaveTallies(world.pool, ref.run)).toMatchObject([
      { wave: 1, targets: 1, counts: { skipped: 2 }, leftOut: { misfit: 1, 'no-way-back': 1 } },
    ]);
  });

  it('keeps its turn when it changes in the moment of the look', async () => {
    const ref = await chosen(1, 100);
    const settle = (firmware: string) =>
      inTransaction(world.pool, (connection) => {
        const device = { thing: 'd-001', hardware: 'edge-a', firmware, goingBackTo: null };
        return settleTargets(connection, ref.run, [{ device, previousFirmware: firmware, skipReason: null }]);
      });
    expect(await settle('1.0.5')).toEqual(new Set());
    expect(await settle('1.0.0')).toEqual(new Set(['d-001']));
    expect(await settle('1.0.0')).toEqual(new Set());
  });

  it('is offered the version without a way back where the plan accepts that', async () => {
    const overrides = [{ rule: 'NO_WAY_BACK', by: 'lin', reason: 'bench' }];
    const ref = await preparedRun(world, firmware, { names: things(1), overrides });
    await run('d-001', '1.0.7');
    expect(await release(ref)).toMatchObject({ counts: { offered: 1, skipped: 0 } });
  });

  it('is offered the version when it had it and has it no more', async () => {
    await world.addDevices(['d-009'], { firmware: '1.1.0' });
    const ref = await chosen(1, 100);
    await run('d-009', '1.0.5');
    expect(await release(ref)).toMatchObject({ counts: { offered: 2, skipped: 0 } });
    expect(await targets(ref)).toMatchObject({ 'd-009': ['1.0.5', null] });
  });

  it('is not held up by skipped ones before it, which use nothing of the rate limit', async () => {
    const ref = await chosen(12, 100);
    await world.pool.query(
      `update devices set firmware = '1.0.7' where thing <> (
         select thing from rollout_targets where run_id = $1 order by ord desc limit 1)`,
      [ref.run],
    );
    // One device a minute: the first turn is the last device's.
    expect(await release(ref, { maximumPerMinute: 1 })).toMatchObject({
      counts: { offered: 1, skipped: 11 },
      unreleased: 0,
    });
  });

  it('that joined late is skipped when it could not go back', async () => {
    const ref = await chosen(2, 100);
    await world.addDevices(['joiner'], { firmware: '1.0.7' });
    expect(await release(ref)).toMatchObject({ counts: { offered: 2, skipped: 1 } });
    expect(await targets(ref)).toMatchObject({ joiner: ['1.0.7', 'no-way-back'] });
  });
});
