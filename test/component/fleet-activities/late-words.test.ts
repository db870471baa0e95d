// What devices say after their execution ended for us, while the rollback still runs.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlannedFirmware } from '#domain/plan/plan.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import { createFleetActivities } from '../../../activities/fleet/fleet.activities.ts';
import { eventually } from '../../support/eventually.ts';
import { inMs, offeredRun } from '../../support/fleet/fleet-runs.ts';
import { attempt, openFleetWorld, type FleetWorld } from '../../support/fleet/fleet-world.ts';
import {
  begins,
  playedDevices,
  succeeds,
  type Behaviour,
  type PlayedDevices,
} from '../../support/fleet/played-devices.ts';
import { readWaysBack } from '../../support/fleet/ways-back.ts';

const HOUR_MS = 3_600_000;

let world: FleetWorld;
let firmware: PlannedFirmware;
let devices: PlayedDevices;

beforeAll(async () => {
  world = await openFleetWorld();
  await world.addFirmware('1.0.0');
  firmware = await world.addFirmware('1.1.0');
  devices = playedDevices(world.pool);
});
afterAll(() => world.close());
beforeEach(() =>
  world.pool.query(
    'truncate devices, rollouts, rollout_targets, rollback_targets, jobs, job_executions, job_counters, evidence',
  ),
);

const rollBack = (ref: RunRef) =>
  attempt(createFleetActivities(world).rollBackFleet, { ...ref, reason: 'test', deadlineAt: inMs(HOUR_MS) });

/** The states of the run's ways back, by device. */
const states = async ({ run }: RunRef): Promise<Record<string, string>> =>
  Object.fromEntries((await readWaysBack(world.pool, run)).map(({ thing, state }) => [thing, state]));

/** A device whose download took too long, in a run where the others did as told. */
async function timedOut(others: Readonly<Record<string, Behaviour>> = {}): Promise<RunRef> {
  const names = ['slow', ...Object.keys(others)];
  const ref = await offeredRun(world, firmware, { names });
  await devices.play('slow', begins('downloading'));
  expect(await devices.sweep(Date.now() + HOUR_MS)).toBe(1);
  for (const [thing, behaviour] of Object.entries(others)) await devices.play(thing, behaviour);
  return ref;
}

describe('a device that timed out while it downloaded', () => {
  it('is offered its way back as a precaution: not waited for, not counted', async () => {
    const ref = await timedOut();
    expect(await rollBack(ref).result).toEqual({ kind: 'rolled-back', offered: 0, returned: 0, left: 0, examples: [] });
    expect(await states(ref)).toEqual({ slow: 'precaution' });
    expect(await devices.startNext('slow')).toMatch(`${ref.run}-b-`);
  });

  it('is waited for as soon as it says that it runs the new version', async () => {
    const ref = await timedOut({ other: succeeds });
    const back = rollBack(ref);
    await eventually(async () => expect(await states(ref)).toEqual({ slow: 'precaution', other: 'offered' }));
    await devices.report('slow', `${ref.run}-w1`, 'SUCCEEDED');
    await eventually(async () => expect(await states(ref)).toEqual({ slow: 'offered', other: 'offered' }));
    for (const thing of ['slow', 'other']) await devices.play(thing, succeeds);
    expect(await back.result).toMatchObject({ kind: 'rolled-back', offered: 2, returned: 2, left: 0 });
  });

  it('is left when it says so after it had confirmed its way back', async () => {
    const ref = await timedOut({ other: succeeds });
    const back = rollBack(ref);
    await eventually(async () => expect(await states(ref)).toEqual({ slow: 'precaution', other: 'offered' }));
    await devices.play('slow', succeeds);
    await devices.report('slow', `${ref.run}-w1`, 'SUCCEEDED');
    await eventually(async () => expect(await states(ref)).toMatchObject({ slow: 'failed' }));
    await devices.play('other', succeeds);
    expect(await back.result).toMatchObject({ kind: 'incomplete', offered: 2, returned: 1, left: 1 });
  });

  it('is on no list when there is no way back to offer', async () => {
    await world.addDevices(['slow'], { firmware: '0.1.0' });
    const ref = await offeredRun(world, firmware);
    await devices.play('slow', begins('downloading'));
    await devices.sweep(Date.now() + HOUR_MS);
    expect(await rollBack(ref).result).toMatchObject({ kind: 'rolled-back', left: 0 });
    expect(await states(ref)).toEqual({});
  });
});

describe('a device whose way back timed out', () => {
  it('is back when it confirms it after all', async () => {
    const ref = await offeredRun(world, firmware, { names: ['d-001', 'd-002'] });
    for (const thing of ['d-001', 'd-002']) await devices.play(thing, succeeds);
    const back = rollBack(ref);
    await eventually(async () => expect(await states(ref)).toEqual({ 'd-001': 'offered', 'd-002': 'offered' }));
    const jobId = (await devices.play('d-001', begins('installing'))) ?? '';
    await devices.sweep(Date.now() + HOUR_MS);
    await eventually(async () => expect(await states(ref)).toMatchObject({ 'd-001': 'failed' }));
    expect(await devices.report('d-001', jobId, 'SUCCEEDED')).toMatchObject({ kind: 'rejected' });
    await eventually(async () => expect(await states(ref)).toMatchObject({ 'd-001': 'returned' }));
    await devices.play('d-002', succeeds);
    expect(await back.result).toMatchObject({ kind: 'rolled-back', offered: 2, returned: 2, left: 0 });
  });
});
