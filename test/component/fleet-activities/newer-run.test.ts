// Two runs that want something of the same devices: the newest decision stands.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlannedFirmware } from '#domain/plan/plan.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import { createFleetActivities } from '../../../activities/fleet/fleet.activities.ts';
import { eventually } from '../../support/eventually.ts';
import { inMs, offer, offeredRun, preparedRun } from '../../support/fleet/fleet-runs.ts';
import { attempt, openFleetWorld, things, type FleetWorld } from '../../support/fleet/fleet-world.ts';
import { begins, fails, playedDevices, succeeds, type PlayedDevices } from '../../support/fleet/played-devices.ts';
import { announced } from '../../support/fleet/release-signals.ts';
import { readWaysBack } from '../../support/fleet/ways-back.ts';

const HOUR_MS = 3_600_000;

let world: FleetWorld;
let older: PlannedFirmware;
let newer: PlannedFirmware;
let devices: PlayedDevices;

beforeAll(async () => {
  world = await openFleetWorld();
  await world.addFirmware('1.0.0');
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

/** The devices in whose queue something of the run is. */
async function queued({ run }: RunRef): Promise<string[]> {
  const { rows } = await world.pool.query<{ thing: string }>(
    `select e.thing from job_executions e join jobs j on j.seq = e.job_seq
     where j.run_id = $1 and e.status = 0 order by 1`,
    [run],
  );
  return rows.map(({ thing }) => thing);
}

async function previous({ run }: RunRef): Promise<Record<string, string>> {
  const { rows } = await world.pool.query<{ thing: string; firmware: string }>(
    'select thing, previous_firmware as firmware from rollout_targets where run_id = $1 order by 1',
    [run],
  );
  return Object.fromEntries(rows.map(({ thing, firmware }) => [thing, firmware]));
}

async function jobsOf({ run }: RunRef): Promise<number[]> {
  const { rows } = await world.pool.query<{ seq: number }>('select seq from jobs where run_id = $1 order by 1', [run]);
  return rows.map(({ seq }) => seq);
}

const rollBack = (ref: RunRef, withinMs: number) =>
  attempt(createFleetActivities(world).rollBackFleet, { ...ref, reason: 'test', deadlineAt: inMs(withinMs) });

/** A run of 1.1.0 that its devices took and that ended before they went the way back to 1.0.0. */
async function rolledBack(names: readonly string[]): Promise<RunRef> {
  const ref = await offeredRun(world, older, { names });
  for (const thing of names) await devices.play(thing, succeeds);
  expect(await rollBack(ref, 0).result).toMatchObject({ kind: 'incomplete', left: names.length });
  return ref;
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

  it('withdraws it from devices that it skips because they run its version, too', async () => {
    const first = await offeredRun(world, older, { names: things(3) });
    await world.pool.query(`update devices set firmware = '1.2.0' where thing <> 'd-003'`);
    const second = await offeredRun(world, newer);
    expect(await queued(second)).toEqual(['d-003']);
    expect(await queued(first)).toEqual([]);
    expect(await devices.startNext('d-001')).toBeNull();
  });

  it('does so even where it has nobody to offer its version to', async () => {
    const first = await offeredRun(world, older, { names: things(3) });
    await world.pool.query(`update devices set firmware = '1.2.0'`);
    const second = await preparedRun(world, newer);
    expect(await offer(world, second).result).toMatchObject({ kind: 'passed', counts: { offered: 0, skipped: 3 } });
    expect(await queued(first)).toEqual([]);
  });

  it('leaves an older offer to devices that it leaves out', async () => {
    const first = await offeredRun(world, older, { names: things(2) });
    await world.pool.query(`update devices set firmware = '1.0.7' where thing = 'd-001'`);
    await offeredRun(world, newer, { overrides: [] });
    expect(await queued(first)).toEqual(['d-001']);
  });

  it.each<[string, () => Promise<RunRef>]>([
    ['an offer', () => offeredRun(world, older, { names: things(2) })],
    ['a way back', () => rolledBack(things(2))],
  ])('tells the gateways of the older job as well, once (%s)', async (_what, olderRun) => {
    const job = (await jobsOf(await olderRun())).at(-1);
    const second = await preparedRun(world, newer);
    const told = await announced(world.pool, () => offer(world, { ...second, deadlineAt: inMs(0) }).result);
    expect(told).toEqual([job, (await jobsOf(second)).at(-1)]);
  });
});

describe('the way back of an older run', () => {
  it('is withdrawn by a newer offer, which leads back to where it went; nobody waits for it', async () => {
    const first = await rolledBack(['d-001']);
    const second = await offeredRun(world, newer);
    expect(await queued(first)).toEqual([]);
    expect(await previous(second)).toEqual({ 'd-001': '1.0.0' });
    const detail = `superseded by ${second.run}`;
    expect(await readWaysBack(world.pool, first.run)).toMatchObject([{ state: 'superseded', detail }]);
    await devices.play('d-001', succeeds);
    const back = rollBack(second, HOUR_MS);
    await eventually(async () => expect(await queued(second)).toEqual(['d-001']));
    await devices.play('d-001', succeeds);
    expect(await back.result).toMatchObject({ kind: 'rolled-back', returned: 1 });
    const { rows } = await world.pool.query('select firmware from devices');
    expect(rows).toEqual([{ firmware: '1.0.0' }]);
  });

  it('is not awaited any more by a rollback under way', async () => {
    const first = await offeredRun(world, older, { names: ['d-001'] });
    await devices.play('d-001', succeeds);
    const back = rollBack(first, HOUR_MS);
    await eventually(async () => expect(await queued(first)).toEqual(['d-001']));
    const second = await offeredRun(world, newer);
    expect(await back.result).toMatchObject({
      kind: 'incomplete',
      left: 1,
      examples: [{ thing: 'd-001', status: 'superseded', reason: `superseded by ${second.run}` }],
    });
  });

  it('goes on where it has begun, and the newer offer leads to where it goes', async () => {
    const first = await rolledBack(['d-001']);
    const jobId = (await devices.play('d-001', begins('downloading'))) ?? '';
    const second = await offeredRun(world, newer);
    expect(await previous(second)).toEqual({ 'd-001': '1.0.0' });
    expect(await devices.report('d-001', jobId, 'SUCCEEDED')).toMatchObject({ kind: 'accepted' });
    expect(await devices.startNext('d-001')).toBe(`${second.run}-w1`);
    expect(await readWaysBack(world.pool, first.run)).toMatchObject([{ state: 'unacknowledged' }]);
  });

  it('makes an offer of the same version again, to a device that still runs it', async () => {
    await rolledBack(['d-001']);
    const again = await offeredRun(world, older);
    expect(await queued(again)).toEqual(['d-001']);
    expect(await previous(again)).toEqual({ 'd-001': '1.0.0' });
  });

  it.each([
    ['never began it', null],
    ['failed before it installed', fails('downloading')],
  ])('is owed by the newer run to a device that %s', async (_what, behaviour) => {
    await rolledBack(['d-001']);
    const second = await offeredRun(world, newer);
    if (behaviour) await devices.play('d-001', behaviour);
    const back = rollBack(second, HOUR_MS);
    await eventually(async () =>
      expect(await readWaysBack(world.pool, second.run)).toMatchObject([{ state: 'offered' }]),
    );
    expect(await devices.play('d-001', succeeds)).toMatch(`${second.run}-b-`);
    expect(await back.result).toMatchObject({ kind: 'rolled-back', offered: 1, returned: 1 });
  });
});
