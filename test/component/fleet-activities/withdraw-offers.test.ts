import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlannedFirmware } from '#domain/plan/plan.ts';
import type { RunRef, WithdrawOutcome } from '#domain/ports/fleet.port.ts';
import { createFleetActivities } from '../../../activities/fleet/fleet.activities.ts';
import { eventually } from '../../support/eventually.ts';
import { inMs, offer, offeredRun, preparedRun, whateverHappens } from '../../support/fleet/fleet-runs.ts';
import {
  attempt,
  codeOf,
  openFleetWorld,
  things,
  type Attempt,
  type FleetWorld,
} from '../../support/fleet/fleet-world.ts';
import { begins, playedDevices, succeeds, type PlayedDevices } from '../../support/fleet/played-devices.ts';
import { announced } from '../../support/fleet/release-signals.ts';

let world: FleetWorld;
let firmware: PlannedFirmware;
let devices: PlayedDevices;

beforeAll(async () => {
  world = await openFleetWorld();
  firmware = await world.addFirmware('1.1.0');
  devices = playedDevices(world.pool);
});
afterAll(() => world.close());
beforeEach(() => world.pool.query('truncate devices, rollouts, rollout_targets, jobs, job_executions, job_counters'));

const withdraw = (ref: RunRef, withinMs: number): Attempt<WithdrawOutcome> =>
  attempt(createFleetActivities(world).withdrawOffers, { ...ref, reason: 'test', deadlineAt: inMs(withinMs) });

const offered = (count: number): Promise<RunRef> => offeredRun(world, firmware, { names: things(count) });

describe('withdrawing offers', () => {
  it('takes back what no device began and leaves what is installed', async () => {
    const ref = await offered(1_203);
    await devices.play('d-001', succeeds);
    expect(await withdraw(ref, 10_000).result).toMatchObject({
      withdrawn: 1_202,
      acknowledged: 0,
      unacknowledged: 0,
      counts: { offered: 1_203, succeeded: 1, canceled: 1_202, queued: 0 },
    });
    expect(await devices.startNext('d-002')).toBeNull();
  });

  it('waits for the word of devices in progress', async () => {
    const ref = await offered(3);
    await devices.play('d-001', begins('downloading'));
    await devices.play('d-002', begins('installing'));
    const withdrawing = withdraw(ref, 20_000);
    const jobId = `${ref.run}-w1`;
    const refused = { kind: 'rejected', code: 'InvalidStateTransition' };
    await eventually(async () => expect(await devices.report('d-001', jobId, 'IN_PROGRESS')).toMatchObject(refused));
    expect(await devices.report('d-002', jobId, 'SUCCEEDED')).toMatchObject(refused);
    expect(await withdrawing.result).toMatchObject({ withdrawn: 1, acknowledged: 2, unacknowledged: 0 });
  });

  it('counts who said nothing until the deadline', async () => {
    const ref = await offered(2);
    await devices.play('d-001', begins('installing'));
    expect(await withdraw(ref, 1_000).result).toMatchObject({ withdrawn: 1, acknowledged: 0, unacknowledged: 1 });
  });

  it('is not held up by a silent device, whose late success is refused and recorded', async () => {
    const ref = await offered(2);
    await devices.play('d-001', begins('installing'));
    let aheadMs = 0;
    const activities = createFleetActivities({ ...world, now: () => Date.now() + aheadMs });
    const input = { ...ref, reason: 'test', deadlineAt: inMs(3_600_000) };
    const withdrawing = attempt(activities.withdrawOffers, input);
    await new Promise((resolve) => {
      withdrawing.hearts.on('heartbeat', (noted: { waitingFor?: string } | undefined) => {
        if (noted?.waitingFor === 'acknowledgements') resolve(noted);
      });
    });
    aheadMs = 60_000;
    expect(await withdrawing.result).toMatchObject({ withdrawn: 1, acknowledged: 0, unacknowledged: 1 });
    expect(await devices.report('d-001', `${ref.run}-w1`, 'SUCCEEDED')).toMatchObject({
      code: 'InvalidStateTransition',
    });
    const { rows } = await world.pool.query(`select refused_success from job_executions where thing = 'd-001'`);
    expect(rows).toEqual([{ refused_success: true }]);
  });

  it('tells the gateways of every chunk as it is withdrawn', async () => {
    const ref = await offeredRun(world, firmware, { names: things(1_001) });
    const { rows } = await world.pool.query<{ seq: number }>('select seq from jobs where run_id = $1', [ref.run]);
    const told = await announced(world.pool, () => withdraw(ref, 10_000).result);
    // Of the stop, and of 500, 500 and 1 devices.
    expect(told).toEqual(Array(4).fill(rows[0]?.seq));
  });

  it('stops offering even where the plan was altered or is gone, and says so', async () => {
    for (const spoil of [
      `update plans set document = jsonb_set(document, '{firmware,version}', '"6.6.6"') where plan_id = $1`,
      'delete from plans where plan_id = $1',
    ]) {
      await world.pool.query('truncate devices');
      const ref = await offered(2);
      await world.pool.query(spoil, [ref.planId]);
      expect(await codeOf(withdraw(ref, 5_000).result)).toMatch(/^PLAN_(DIGEST_MISMATCH|NOT_FOUND)$/);
      expect(await devices.startNext('d-001')).toBeNull();
    }
  });

  it('gives the same answer when it is repeated', async () => {
    const ref = await offered(5);
    const first = await withdraw(ref, 5_000).result;
    expect(await withdraw(ref, 5_000).result).toEqual(first);
  });

  it('lets no release through afterwards, even of an attempt that does not know yet', async () => {
    const ref = await preparedRun(world, firmware, { names: things(50) });
    const ghost = offer(world, { ...ref, ...whateverHappens, maximumPerMinute: 300 });
    const released = async (): Promise<number> => {
      const { rows } = await world.pool.query<{ n: number }>('select count(*)::int as n from job_executions');
      return rows[0]?.n ?? 0;
    };
    await eventually(async () => expect(await released()).toBeGreaterThan(3));
    const { withdrawn } = await withdraw(ref, 5_000).result;
    for (let beat = 0; beat < 3; beat += 1) await new Promise((resolve) => ghost.hearts.once('heartbeat', resolve));
    expect(await released()).toBe(withdrawn);
    ghost.cancel();
    await Promise.allSettled([ghost.result]);
    expect(await devices.startNext('d-001')).toBeNull();
  });
});
