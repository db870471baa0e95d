import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlannedFirmware } from '#domain/plan/plan.ts';
import type { FleetActivities, RunRef } from '#domain/ports/fleet.port.ts';
import { createFleetActivities } from '../../../activities/fleet/fleet.activities.ts';
import { inMs, offeredRun } from '../../support/fleet/fleet-runs.ts';
import { attempt, openFleetWorld, things, type FleetWorld } from '../../support/fleet/fleet-world.ts';
import { begins, playedDevices, type PlayedDevices } from '../../support/fleet/played-devices.ts';
import { announced } from '../../support/fleet/release-signals.ts';

let world: FleetWorld;
let firmware: PlannedFirmware;
let devices: PlayedDevices;
let activities: FleetActivities;

beforeAll(async () => {
  world = await openFleetWorld();
  firmware = await world.addFirmware('1.1.0');
  devices = playedDevices(world.pool);
  activities = createFleetActivities(world);
});
afterAll(() => world.close());
beforeEach(() => world.pool.query('truncate devices, rollouts, rollout_targets, jobs, job_executions, job_counters'));

const hold = (ref: RunRef) => attempt(activities.holdOffers, ref).result;
const reopen = (ref: RunRef) => attempt(activities.reopenOffers, ref).result;
const offered = (count: number): Promise<RunRef> => offeredRun(world, firmware, { names: things(count) });

async function jobStatus(run: string): Promise<string[]> {
  const { rows } = await world.pool.query<{ status: string }>('select status from jobs where run_id = $1', [run]);
  return rows.map(({ status }) => status);
}

describe('holding the offers of a run', () => {
  it('lets no queued device begin, and those in progress go on', async () => {
    const ref = await offered(3);
    await devices.play('d-001', begins('downloading'));
    await hold(ref);
    await hold(ref);
    expect(await jobStatus(ref.run)).toEqual(['held']);
    expect(await devices.startNext('d-002')).toBeNull();
    expect(await devices.report('d-001', `${ref.run}-w1`, 'SUCCEEDED')).toMatchObject({ kind: 'accepted' });
  });

  it('is undone by opening them again; gateways hear of both, once', async () => {
    const ref = await offered(2);
    expect(await announced(world.pool, () => hold(ref))).toHaveLength(1);
    expect(await announced(world.pool, () => reopen(ref))).toHaveLength(1);
    expect(await announced(world.pool, () => reopen(ref))).toHaveLength(0);
    expect(await devices.startNext('d-002')).toBe(`${ref.run}-w1`);
  });

  it('touches no other run', async () => {
    const ref = await offered(2);
    const other = await world.plan(firmware);
    await hold(other);
    expect(await jobStatus(ref.run)).toEqual(['open']);
    await hold(ref);
    await reopen(other);
    expect(await jobStatus(ref.run)).toEqual(['held']);
  });

  it('opens nothing that was withdrawn', async () => {
    const ref = await offered(2);
    await attempt(activities.withdrawOffers, { ...ref, reason: 'test', deadlineAt: inMs(5_000) }).result;
    await hold(ref);
    await reopen(ref);
    expect(await jobStatus(ref.run)).toEqual(['cancelled']);
  });
});
