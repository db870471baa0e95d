import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFleetActivities } from '../../../activities/fleet/fleet.activities.ts';
import { attempt, codeOf, openFleetWorld, things, type FleetWorld } from '../../support/fleet/fleet-world.ts';
import { percentWaves } from '../../support/fleet/plan-builder.ts';
import type { FleetPoint } from '../../../activities/fleet/deps.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import type { PlannedFirmware } from '#domain/plan/plan.ts';

let world: FleetWorld;
let firmware: PlannedFirmware;

beforeAll(async () => {
  world = await openFleetWorld();
  firmware = await world.addFirmware('1.1.0');
});
afterAll(() => world.close());
beforeEach(() => world.pool.query('truncate devices, rollouts, rollout_targets, groups'));

const prepare = (input: RunRef, dieAt?: FleetPoint) => {
  const reached = async (point: FleetPoint): Promise<void> => {
    if (point === dieAt) await Promise.reject(new Error(`died at ${point}`));
  };
  return attempt(createFleetActivities({ ...world, reached }).prepareRollout, input).result;
};

interface TargetRow {
  thing: string;
  wave: number | null;
  previous_firmware: string;
  skipped: boolean;
}

async function targets(run: string): Promise<TargetRow[]> {
  const { rows } = await world.pool.query<TargetRow>(
    'select thing, wave, previous_firmware, skipped from rollout_targets where run_id = $1 order by ord',
    [run],
  );
  return rows;
}

const perWave = (rows: TargetRow[]): number[] =>
  [1, 2, 3].map((wave) => rows.filter((row) => row.wave === wave).length);

describe('preparing a rollout', () => {
  it('snapshots each device with its own previous firmware and its wave', async () => {
    await world.addDevices(things(120));
    await world.addDevices(things(80, 'old'), { firmware: '0.9.0' });
    const ref = await world.plan(firmware);
    expect(await prepare(ref)).toEqual({ targets: 200, alreadyCurrent: 0, misfits: 0 });
    const rows = await targets(ref.run);
    expect(perWave(rows)).toEqual([20, 80, 100]);
    expect(rows.filter((row) => row.previous_firmware === '0.9.0').every((row) => row.thing.startsWith('old'))).toBe(
      true,
    );
  });

  it('skips and counts devices that run the version already', async () => {
    await world.addDevices(things(6));
    await world.addDevices(things(4, 'new'), { firmware: '1.1.0' });
    const ref = await world.plan(firmware);
    expect(await prepare(ref)).toEqual({ targets: 10, alreadyCurrent: 4, misfits: 0 });
    const rows = await targets(ref.run);
    expect(rows.filter((row) => row.skipped).map((row) => row.thing)).toHaveLength(4);
    expect(rows.some((row) => row.wave === 1 && !row.skipped)).toBe(true);
  });

  it('takes the devices of its groups only, each once', async () => {
    await world.addDevices(things(3, 'a'), { tags: { site: 'a' } });
    await world.addDevices(things(3, 'b'), { tags: { site: 'b' }, hardware: 'edge-b' });
    await world.addDevices(things(3, 'c'));
    await world.pool.query(`insert into groups (name, filter) values
      ('site-a', 'device.tags.site == "a"'), ('lab', 'device.hardware == "edge-b" || device.tags.site == "a"')`);
    const selection = { groups: ['site-a', 'lab'], devices: 6, alreadyCurrent: 0 };
    const ref = await world.plan(firmware, { selection });
    expect(await prepare(ref)).toEqual({ targets: 6, alreadyCurrent: 0, misfits: 3 });
  });

  it('gives no wave to devices that the firmware does not fit, and shares out the others', async () => {
    const picky = await world.addFirmware('1.3.0', { minimumVersion: '1.0.0' });
    await world.addDevices(things(20));
    await world.addDevices(things(4, 'hardware'), { hardware: 'edge-z' });
    await world.addDevices(things(3, 'old'), { firmware: '0.9.0' });
    await world.addDevices(['current'], { firmware: '1.3.0', hardware: 'edge-z' });
    const ref = await world.plan(picky, { waves: percentWaves(10, 50) });
    const prepared = { targets: 28, alreadyCurrent: 1, misfits: 7 };
    expect(await prepare(ref)).toEqual(prepared);
    const rows = await targets(ref.run);
    // Of the 21 that fit; those beyond the last share are no misfits.
    expect(perWave(rows)).toEqual([3, 8, 0]);
    expect(rows.filter((row) => /hardware|old/.test(row.thing)).every((row) => row.wave === null)).toBe(true);
    expect(await prepare(ref)).toEqual(prepared);
  });

  it('leaves devices beyond the last share without a wave', async () => {
    await world.addDevices(things(10));
    const ref = await world.plan(firmware, { waves: percentWaves(10, 50) });
    expect(await prepare(ref)).toEqual({ targets: 10, alreadyCurrent: 0, misfits: 0 });
    expect((await targets(ref.run)).filter((row) => row.wave === null)).toHaveLength(5);
  });

  it('finds what an attempt before it stored, whatever happened to the fleet since', async () => {
    await world.addDevices(things(20));
    const ref = await world.plan(firmware);
    await expect(prepare(ref, 'targets-written')).rejects.toThrow('died at targets-written');
    const before = await targets(ref.run);
    await world.addDevices(things(20, 'later'));
    expect(await prepare(ref)).toEqual({ targets: 20, alreadyCurrent: 0, misfits: 0 });
    expect(await targets(ref.run)).toEqual(before);
  });

  it('stores one set of targets when two attempts meet', async () => {
    await world.addDevices(things(50));
    const ref = await world.plan(firmware);
    const both = await Promise.all([prepare(ref), prepare(ref)]);
    expect(both).toEqual([
      { targets: 50, alreadyCurrent: 0, misfits: 0 },
      { targets: 50, alreadyCurrent: 0, misfits: 0 },
    ]);
    expect(await targets(ref.run)).toHaveLength(50);
  });

  it('refuses a plan that is not the approved one', async () => {
    await world.addDevices(things(1));
    const ref = await world.plan(firmware);
    expect(await codeOf(prepare({ ...ref, digest: 'f'.repeat(64) }))).toBe('PLAN_DIGEST_MISMATCH');
    await world.pool.query(
      `update plans set document = jsonb_set(document, '{firmware,version}', '"6.6.6"') where plan_id = $1`,
      [ref.planId],
    );
    expect(await codeOf(prepare(ref))).toBe('PLAN_DIGEST_MISMATCH');
    expect(await codeOf(prepare({ ...ref, planId: 'plan_unknown' }))).toBe('PLAN_NOT_FOUND');
    expect(await targets(ref.run)).toEqual([]);
  });

  it('refuses a group that does not exist any more', async () => {
    const ref = await world.plan(firmware, { selection: { groups: ['gone'], devices: 1, alreadyCurrent: 0 } });
    expect(await codeOf(prepare(ref))).toBe('GROUP_UNKNOWN');
  });

  it('shares out 100,000 devices', async () => {
    await world.pool.query(
      `insert into devices (thing, hardware, firmware) select 'bulk-' || n, 'edge-a', '1.0.0' from generate_series(1, 100000) n`,
    );
    const ref = await world.plan(firmware);
    expect(await prepare(ref)).toEqual({ targets: 100_000, alreadyCurrent: 0, misfits: 0 });
    expect(perWave(await targets(ref.run))).toEqual([10_000, 40_000, 50_000]);
  });
});
