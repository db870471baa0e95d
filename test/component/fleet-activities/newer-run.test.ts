import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlannedFirmware } from '#domain/plan/plan.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import { createFleetActivities } from '../../../activities/fleet/fleet.activities.ts';
import { offeredRun } from '../../support/fleet/fleet-runs.ts';
import { attempt, openFleetWorld, things, type FleetWorld } from '../../support/fleet/fleet-world.ts';
import { begins, playedDevices, type PlayedDevices } from '../../support/fleet/played-devices.ts';

let world: FleetWorld;
let older: PlannedFirmware;
let newer: PlannedFirmware;
let devices: PlayedDevices;

beforeAll(async () => {
  world = await openFleetWorld();
  older = await world.addFirmware('1.1.0');
  newer = await world.addFirmware('1.2.0');
  devices = playedDevices(world.pool);
});
afterAll(() => world.close());
beforeEach(() =>
  world.pool.query(
    'truncate devices, rollouts, rollout_targets, rollback_targets, jobs, job_executions, job_counters, evidence',
  ),
);

/** The devices in whose queue the run's offer is. */
async function queued({ run }: RunRef): Promise<string[]> {
  const { rows } = await world.pool.query<{ thing: string }>(
    `select e.thing from job_executions e join jobs j on j.seq = e.job_seq
     where j.run_id = $1 and j.purpose = 'install' and e.status = 0 order by 1`,
    [run],
  );
  return rows.map(({ thing }) => thing);
}

describe('a newer run', () => {
  it('withdraws what an older one still has in the queues of its devices, and nothing else', async () => {
    const first = await offeredRun(world, older, { names: things(4) });
    await devices.play('d-004', begins('installing'));
    const second = await offeredRun(world, newer);
    expect(await queued(first)).toEqual([]);
    expect(await queued(second)).toEqual(things(4));
    const counts = await attempt(createFleetActivities(world).countRun, first).result;
    expect(counts).toMatchObject({ offered: 4, canceled: 3, inProgress: 1, queued: 0 });
    expect(await devices.startNext('d-001')).toBe(`${second.run}-w1`);
  });
});
