import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CancelledFailure } from '@temporalio/common';
import type { PlannedFirmware } from '#domain/plan/plan.ts';
import type { OfferWaveInput, RunRef } from '#domain/ports/fleet.port.ts';
import { createFleetActivities } from '../../../activities/fleet/fleet.activities.ts';
import { artifactPath } from '../../../activities/adapters/object-store/artifact-files.ts';
import { writeFileSync } from 'node:fs';
import { eventually } from '../../support/eventually.ts';
import { inMs, offer as offerWave, preparedRun } from '../../support/fleet/fleet-runs.ts';
import {
  attempt,
  codeOf,
  openFleetWorld,
  things,
  type Attempt,
  type FleetWorld,
} from '../../support/fleet/fleet-world.ts';
import { percentWaves } from '../../support/fleet/plan-builder.ts';
import {
  fails,
  isOffline,
  playedDevices,
  succeeds,
  type Behaviour,
  type PlayedDevices,
} from '../../support/fleet/played-devices.ts';
import type { WaveOutcome } from '#domain/ports/fleet.port.ts';

let world: FleetWorld;
let firmware: PlannedFirmware;
let devices: PlayedDevices;
let stopLiving: () => Promise<void> = () => Promise.resolve();

beforeAll(async () => {
  world = await openFleetWorld();
  firmware = await world.addFirmware('1.1.0');
  devices = playedDevices(world.pool);
});
afterAll(() => world.close());
beforeEach(() =>
  world.pool.query('truncate devices, rollouts, rollout_targets, jobs, job_executions, job_counters, evidence, groups'),
);
afterEach(() => stopLiving());

const offer = (ref: RunRef, wave: number, changes: Partial<OfferWaveInput> = {}): Attempt<WaveOutcome> =>
  offerWave(world, { ...ref, wave, ...changes });

const prepared = (count: number, ...percentages: number[]): Promise<RunRef> =>
  preparedRun(world, firmware, { names: things(count), waves: percentWaves(...percentages) });

const live = (behave: Parameters<PlayedDevices['live']>[0]): void => {
  stopLiving = devices.live(behave);
};

async function statuses(run: string): Promise<Record<string, number>> {
  const { rows } = await world.pool.query<{ status: number; devices: number }>(
    `select e.status, count(*)::int as devices from job_executions e join jobs j on j.seq = e.job_seq
     where j.run_id = $1 group by e.status order by e.status`,
    [run],
  );
  return Object.fromEntries(rows.map((row) => [row.status, row.devices]));
}

const jobStatus = async (run: string): Promise<string[]> => {
  const { rows } = await world.pool.query<{ status: string }>(
    'select status from jobs where run_id = $1 order by wave',
    [run],
  );
  return rows.map(({ status }) => status);
};

describe('offering a wave', () => {
  it('ends when every device of it succeeded, and touches no other wave', async () => {
    const ref = await prepared(20, 10, 100);
    live(() => succeeds);
    const outcome = await offer(ref, 1).result;
    expect(outcome).toMatchObject({ kind: 'passed', counts: { offered: 2, succeeded: 2, queued: 0 }, examples: [] });
    expect(await statuses(ref.run)).toEqual({ 2: 2 });
    expect(await offer(ref, 2).result).toMatchObject({ kind: 'passed', counts: { offered: 18, succeeded: 18 } });
  });

  it('does nothing twice when it is repeated after its end', async () => {
    const ref = await prepared(12, 100);
    live(() => succeeds);
    const first = await offer(ref, 1).result;
    expect(await offer(ref, 1).result).toEqual(first);
    expect(await statuses(ref.run)).toEqual({ 2: 12 });
  });

  it('counts devices that run the version already as skipped', async () => {
    await world.addDevices(things(3, 'new'), { firmware: '1.1.0' });
    const ref = await prepared(3, 100);
    live(() => succeeds);
    expect(await offer(ref, 1).result).toMatchObject({
      kind: 'passed',
      counts: { offered: 3, succeeded: 3, skipped: 3 },
    });
  });

  it('goes on at its deadline when enough succeeded, the offline ones pending and their jobs open', async () => {
    const ref = await prepared(20, 100);
    const outcome = await atDeadline(ref, (thing) => (thing < 'd-003' ? isOffline : succeeds));
    expect(outcome).toMatchObject({ kind: 'passed', counts: { offered: 20, succeeded: 18, queued: 2 } });
    expect(await jobStatus(ref.run)).toEqual(['open']);
    expect(await devices.startNext('d-001')).toBe(`${ref.run}-w1`);
  });

  it('is short at its deadline when too few succeeded', async () => {
    const ref = await prepared(20, 100);
    const outcome = await atDeadline(ref, (thing) => (thing < 'd-006' ? isOffline : succeeds));
    expect(outcome).toMatchObject({ kind: 'short', counts: { offered: 20, succeeded: 15, queued: 5 } });
  });

  it('stops at once on a breach, holds what is queued and keeps the evidence', async () => {
    const ref = await prepared(40, 100);
    live((thing) => (thing <= 'd-006' ? fails('rebooting', 'boot-loop') : thing <= 'd-012' ? succeeds : isOffline));
    const outcome = await offer(ref, 1).result;
    if (outcome.kind !== 'breach') throw new Error(outcome.kind);
    expect(outcome.summary).toMatch(/^failure rate \d+(\.\d)? % > 10 %: \d+ of 1[0-2] devices failed$/);
    expect(outcome.examples.length).toBeGreaterThan(0);
    expect(outcome.examples.length).toBeLessThanOrEqual(5);
    expect(outcome.examples[0]).toEqual({
      thing: expect.stringMatching(/^d-00[1-6]$/) as string,
      status: 'FAILED',
      reason: 'boot-loop',
    });
    expect(await jobStatus(ref.run)).toEqual(['held']);
    expect(await devices.startNext('d-040')).toBeNull();
    const { rows } = await world.pool.query('select step, body from evidence where evidence_id = $1', [
      outcome.evidence,
    ]);
    const body = { summary: outcome.summary, run: { offered: 40 }, unreleased: 0 };
    expect(rows).toMatchObject([{ step: 'wave 1', body }]);
  });

  it('looks at the failures of earlier waves too', async () => {
    const ref = await prepared(40, 50, 100);
    const early = new Set((await offered(ref, 1)).slice(0, 2));
    live((thing) => (early.has(thing) ? fails() : succeeds));
    const criteria = { maxFailureRatePercent: 10, minimumExecuted: 20, onHealthCheckFailure: true };
    expect(await offer(ref, 1, { criteria }).result).toMatchObject({ kind: 'passed' });
    await stopLiving();
    const [unlucky] = await offered(ref, 2);
    live((thing) => (thing === unlucky ? fails() : isOffline));
    // 2 of 20 were allowed; the third failure of the run is the breach, not the tenth device of the wave.
    const second = await offer(ref, 2, { criteria }).result;
    expect(second).toMatchObject({ kind: 'breach', counts: { failed: 1 } });
    expect(second.kind === 'breach' && second.failureRatePercent).toBeGreaterThan(10);
  });

  it('refuses to offer damaged bytes, before any device hears of them', async () => {
    const damaged = await world.addFirmware('1.2.0');
    await world.addDevices(things(3));
    const ref = await preparedRun(world, damaged);
    writeFileSync(artifactPath(world.dataDirectory, damaged.sha256), 'other bytes');
    expect(await codeOf(offer(ref, 1).result)).toBe('ARTIFACT_CORRUPT');
    expect(await statuses(ref.run)).toEqual({});
  });

  it('refuses a run without targets, and a wave that was withdrawn', async () => {
    const ref = await world.plan(firmware);
    expect(await codeOf(offer(ref, 1).result)).toBe('ROLLOUT_UNPREPARED');
    const other = await prepared(2, 100);
    live(() => succeeds);
    await offer(other, 1).result;
    await attempt(createFleetActivities(world).withdrawOffers, { ...other, reason: 'test', deadlineAt: inMs(0) })
      .result;
    expect(await codeOf(offer(other, 1).result)).toBe('OFFERS_WITHDRAWN');
  });
});

/** What becomes of wave 1 when its deadline comes after all its devices did as told. */
async function atDeadline(ref: RunRef, behave: (thing: string) => Behaviour): Promise<WaveOutcome> {
  const early = offer(ref, 1);
  const names = await offered(ref, 1);
  await eventually(async () => expect(await statuses(ref.run)).toEqual({ 0: names.length }));
  for (const thing of names) await devices.play(thing, behave(thing));
  early.abandon('workerShutdown');
  await Promise.allSettled([early.result]);
  return offer(ref, 1, { deadlineAt: inMs(0) }).result;
}

/** The devices of a wave, in the order of the run. */
async function offered(ref: RunRef, wave: number): Promise<string[]> {
  const { rows } = await world.pool.query<{ thing: string }>(
    'select thing from rollout_targets where run_id = $1 and wave = $2 order by ord',
    [ref.run, wave],
  );
  return rows.map(({ thing }) => thing);
}

describe('a wave that is stopped', () => {
  it('holds what is queued, lets devices in progress finish, and goes on when it is offered again', async () => {
    const ref = await prepared(10, 100);
    const first = offer(ref, 1);
    await eventually(async () => expect(await statuses(ref.run)).toEqual({ 0: 10 }));
    await devices.play('d-001', { does: 'begin', step: 'downloading' });
    first.cancel();
    await expect(first.result).rejects.toBeInstanceOf(CancelledFailure);
    expect(await jobStatus(ref.run)).toEqual(['held']);
    expect(await devices.startNext('d-002')).toBeNull();
    expect(await devices.report('d-001', `${ref.run}-w1`, 'SUCCEEDED')).toMatchObject({ kind: 'accepted' });
    live(() => succeeds);
    expect(await offer(ref, 1).result).toMatchObject({ kind: 'passed', counts: { offered: 10, succeeded: 10 } });
  });

  it.each(['workerShutdown', 'notFound'] as const)('holds nothing when only its attempt ends (%s)', async (why) => {
    const ref = await prepared(4, 100);
    const first = offer(ref, 1);
    await eventually(async () => expect(await statuses(ref.run)).toEqual({ 0: 4 }));
    first.abandon(why);
    await expect(first.result).rejects.toBeInstanceOf(CancelledFailure);
    expect(await jobStatus(ref.run)).toEqual(['open']);
  });

  it('is resumed by the next attempt when its worker dies between any two statements', async () => {
    const ref = await prepared(30, 100);
    for (const point of ['wave-opened', 'offers-uncommitted', 'offers-written'] as const) {
      const dying = { ...world, reached: dieAt(point) };
      await expect(offerWave(dying, ref).result).rejects.toThrow(`died at ${point}`);
    }
    live(() => succeeds);
    expect(await offer(ref, 1).result).toMatchObject({ kind: 'passed', counts: { offered: 30, succeeded: 30 } });
    expect(await statuses(ref.run)).toEqual({ 2: 30 });
  });

  it('offers nobody twice when an attempt given up for dead goes on beside its successor', async () => {
    const ref = await prepared(60, 100);
    live(() => succeeds);
    const both = await Promise.all([offer(ref, 1).result, offer(ref, 1).result]);
    for (const outcome of both)
      expect(outcome).toMatchObject({ kind: 'passed', counts: { offered: 60, succeeded: 60 } });
    expect(await statuses(ref.run)).toEqual({ 2: 60 });
  });
});

function dieAt(point: string): (at: string) => Promise<void> {
  return (at) => (at === point ? Promise.reject(new Error(`died at ${point}`)) : Promise.resolve());
}
