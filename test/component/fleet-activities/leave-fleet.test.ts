import { afterAll, beforeAll, expect, it } from 'vitest';
import { createFleetActivities } from '../../../activities/fleet/fleet.activities.ts';
import type { FleetPoint } from '../../../activities/fleet/deps.ts';
import { offeredRun } from '../../support/fleet/fleet-runs.ts';
import { attempt, openFleetWorld, things, type FleetWorld } from '../../support/fleet/fleet-world.ts';
import {
  begins,
  fails,
  isOffline,
  playedDevices,
  succeeds,
  type Behaviour,
} from '../../support/fleet/played-devices.ts';

let world: FleetWorld;

beforeAll(async () => {
  world = await openFleetWorld();
});
afterAll(() => world.close());

it('leaving a fleet lists who is, or may be, on the new version, and offers nothing', async () => {
  const ref = await offeredRun(world, await world.addFirmware('1.1.0'), { names: things(4) });
  const activities = createFleetActivities(world);
  const devices = playedDevices(world.pool);
  const does: Behaviour[] = [succeeds, fails('downloading'), begins('installing'), isOffline];
  for (const [index, thing] of things(4).entries()) await devices.play(thing, does[index] ?? isOffline);
  const left = await attempt(activities.leaveFleet, ref).result;
  expect(left).toMatchObject({ kind: 'incomplete', offered: 0, returned: 0, left: 2 });
  expect(await attempt(activities.leaveFleet, ref).result).toEqual(left);
  expect(left.examples.map(({ thing, status }) => ({ thing, status }))).toEqual([
    { thing: 'd-001', status: 'not-offered' },
    { thing: 'd-003', status: 'unacknowledged' },
  ]);
  expect(await devices.startNext('d-004')).toBeNull();
});

it('leaving a fleet lists a device that answers in the last moment', async () => {
  await world.pool.query('truncate devices');
  const ref = await offeredRun(world, await world.addFirmware('1.2.0'), { names: things(1) });
  const devices = playedDevices(world.pool);
  await devices.play('d-001', begins('installing'));
  const reached = async (point: FleetPoint): Promise<void> => {
    if (point === 'silent-listed') await devices.report('d-001', `${ref.run}-w1`, 'SUCCEEDED');
  };
  const left = await attempt(createFleetActivities({ ...world, reached }).leaveFleet, ref).result;
  expect(left).toMatchObject({ kind: 'incomplete', left: 1 });
});
