// An attempt that stalled so long that the server gave it up wakes after the run has gone on.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlannedFirmware } from '#domain/plan/plan.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import { freezeOffers } from '../../../activities/adapters/postgres/offers.ts';
import { inTransaction } from '../../../activities/adapters/postgres/pool.ts';
import { createFleetActivities } from '../../../activities/fleet/fleet.activities.ts';
import type { FleetPoint } from '../../../activities/fleet/deps.ts';
import { inMs, offer, offeredRun, preparedRun, type OfferWish } from '../../support/fleet/fleet-runs.ts';
import { attempt, codeOf, openFleetWorld, things, type FleetWorld } from '../../support/fleet/fleet-world.ts';
import { percentWaves } from '../../support/fleet/plan-builder.ts';
import { fails, playedDevices, succeeds, type PlayedDevices } from '../../support/fleet/played-devices.ts';

let world: FleetWorld;
let firmware: PlannedFirmware;
let devices: PlayedDevices;

beforeAll(async () => {
  world = await openFleetWorld();
  firmware = await world.addFirmware('1.1.0');
  devices = playedDevices(world.pool);
});
afterAll(() => world.close());
beforeEach(() =>
  world.pool.query(
    'truncate devices, rollouts, rollout_targets, rollback_targets, jobs, job_executions, job_counters, evidence',
  ),
);

// Places of a run's activities: those of the set-up come before, the ghost's is between it and what the run did next.
const GHOST = { activityId: '1000001' };
const next = (place: number) => ({ activityId: String(1_000_001 + place) });

const activities = () => createFleetActivities(world);
const stop = (ref: RunRef) => ({ ...ref, reason: 'test', deadlineAt: inMs(0) });
const hold = (ref: RunRef, place: number) => attempt(activities().holdOffers, ref, next(place)).result;
const reopen = (ref: RunRef, place: number) => attempt(activities().reopenOffers, ref, next(place)).result;

/** What the run's install jobs say. */
async function jobs(run: string): Promise<Record<string, string>> {
  const { rows } = await world.pool.query<{ job_id: string; status: string }>(
    `select job_id, status from jobs where run_id = $1 and purpose = 'install' order by wave`,
    [run],
  );
  return Object.fromEntries(rows.map(({ job_id: id, status }) => [id.slice(run.length + 1), status]));
}

/** Lets the ghost offer until it has looked at the fleet a few times; what it came to is nobody's business. */
async function haunt(wish: OfferWish): Promise<void> {
  const ghost = offer(world, wish, GHOST);
  for (let beat = 0; beat < 2; beat += 1) {
    await Promise.race([new Promise((resolve) => ghost.hearts.once('heartbeat', resolve)), ghost.result]);
  }
  ghost.abandon('notFound');
  await Promise.allSettled([ghost.result]);
}

const twoWaves = (): Promise<RunRef> => offeredRun(world, firmware, { names: things(4), waves: percentWaves(50, 100) });

describe('a ghost that offers a wave', () => {
  it.each(['withdrawOffers', 'rollBackFleet', 'leaveFleet'] as const)(
    'makes no job after %s, and nothing is offered',
    async (end) => {
      const ref = await twoWaves();
      await attempt<ReturnType<typeof stop>, unknown>(activities()[end], stop(ref), next(1)).result;
      expect(await codeOf(offer(world, { ...ref, wave: 2 }, GHOST).result)).toBe('OFFERS_WITHDRAWN');
      expect(await jobs(ref.run)).toEqual({ w1: 'cancelled' });
    },
  );

  it('makes none for a run that was cut short, and opens nothing of it', async () => {
    const ref = await twoWaves();
    await inTransaction(world.pool, (connection) => freezeOffers(connection, ref.run));
    expect(await codeOf(offer(world, { ...ref, wave: 2 }, GHOST).result)).toBe('OFFERS_WITHDRAWN');
    await reopen(ref, 1);
    expect(await jobs(ref.run)).toEqual({ w1: 'held' });
  });

  it('opens no paused run, and what it makes is held', async () => {
    const ref = await twoWaves();
    await hold(ref, 1);
    await haunt({ ...ref, wave: 2 });
    expect(await jobs(ref.run)).toEqual({ w1: 'held', w2: 'held' });
    expect(await devices.startNext('d-001')).toBeNull();
    await reopen(ref, 2);
    expect(await jobs(ref.run)).toEqual({ w1: 'open', w2: 'open' });
  });

  it('does not hold, for its breach, what a person resumed', async () => {
    const ref = await offeredRun(world, firmware, { names: things(4) });
    for (const thing of ['d-001', 'd-002']) await devices.play(thing, fails());
    const criteria = { maxFailureRatePercent: 10, minimumExecuted: 1, onHealthCheckFailure: false };
    await hold(ref, 1);
    await reopen(ref, 2);
    expect(await offer(world, { ...ref, criteria }, GHOST).result).toMatchObject({ kind: 'breach' });
    expect(await jobs(ref.run)).toEqual({ w1: 'open' });
  });

  it('does not hold what a later attempt at the same wave offers', async () => {
    const ref = await preparedRun(world, firmware, { names: things(4) });
    const later = offer(world, ref, { ...GHOST, attempt: 2 });
    await new Promise((resolve) => later.hearts.once('heartbeat', resolve));
    const ghost = offer(world, ref, { ...GHOST, attempt: 1 });
    await new Promise((resolve) => ghost.hearts.once('heartbeat', resolve));
    ghost.cancel();
    await Promise.allSettled([ghost.result]);
    expect(await jobs(ref.run)).toEqual({ w1: 'open' });
    for (const thing of things(4)) await devices.play(thing, succeeds);
    expect(await later.result).toMatchObject({ kind: 'passed' });
  });
});

describe('a ghost of a pause', () => {
  it('holds nothing after the resume, and opens nothing after the next pause', async () => {
    const ref = await offeredRun(world, firmware, { names: things(2) });
    await hold(ref, 1);
    await reopen(ref, 3);
    await hold(ref, 2);
    expect(await jobs(ref.run)).toEqual({ w1: 'open' });
    await hold(ref, 5);
    await reopen(ref, 4);
    expect(await jobs(ref.run)).toEqual({ w1: 'held' });
  });

  it('counts for nothing in another execution of the run', async () => {
    const ref = await offeredRun(world, firmware, { names: things(2) });
    await reopen(ref, 9);
    const reset = { activityId: '3', workflowExecution: { workflowId: 'test', runId: 'reset' } };
    await attempt(activities().holdOffers, ref, reset).result;
    expect(await jobs(ref.run)).toEqual({ w1: 'held' });
  });
});

describe('the next attempt after one that died', () => {
  it('opens nothing that its predecessor held for a breach', async () => {
    const ref = await offeredRun(world, firmware, { names: things(4) });
    for (const thing of ['d-001', 'd-002']) await devices.play(thing, fails());
    const criteria = { maxFailureRatePercent: 10, minimumExecuted: 1, onHealthCheckFailure: false };
    const dying = { ...world, reached: dieAt('offers-held') };
    await expect(offer(dying, { ...ref, criteria }, { ...GHOST, attempt: 1 }).result).rejects.toThrow('died');
    const begun: (string | null)[] = [];
    const reached = async (point: FleetPoint): Promise<void> => {
      if (point === 'wave-opened') begun.push(await devices.startNext('d-003'));
    };
    const second = offer({ ...world, reached }, { ...ref, criteria }, { ...GHOST, attempt: 2 });
    expect(await second.result).toMatchObject({ kind: 'breach' });
    expect(begun).toEqual([null]);
  });
});

function dieAt(point: FleetPoint): (at: FleetPoint) => Promise<void> {
  return (at) => (at === point ? Promise.reject(new Error(`died at ${point}`)) : Promise.resolve());
}
