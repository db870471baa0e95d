import { afterAll, beforeAll, expect, it } from 'vitest';
import { createFleetActivities } from '../../../activities/fleet/fleet.activities.ts';
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
