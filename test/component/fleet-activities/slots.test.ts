import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlannedFirmware } from '#domain/plan/plan.ts';
import type { RollBackInput, RunRef } from '#domain/ports/fleet.port.ts';
import { createFleetActivities } from '../../../activities/fleet/fleet.activities.ts';
import { followUpRollbacks } from '../../../activities/fleet/follow-up-rollbacks.ts';
import { readWaveTallies } from '../../../activities/adapters/postgres/run-counts.ts';
import { readStanding } from '../../../activities/adapters/postgres/rollout-counts.ts';
import { readRunDevices } from '../../../activities/adapters/postgres/run-devices.ts';
import { listLeft } from '../../../client/engine/runs/list-left.ts';
import { eventually } from '../../support/eventually.ts';
import { inMs, offer, preparedRun, whateverHappens } from '../../support/fleet/fleet-runs.ts';
import { attempt, openFleetWorld, things, type FleetWorld } from '../../support/fleet/fleet-world.ts';
import { begins, playedDevices, succeeds, fails, type PlayedDevices } from '../../support/fleet/played-devices.ts';
import { SLOT_PLAN } from '../../support/fleet/slot-fleet.ts';
import { readWaysBack } from '../../support/fleet/ways-back.ts';

let world: FleetWorld;
let firmware: PlannedFirmware;
let devices: PlayedDevices;
let stopLiving: () => Promise<void> = () => Promise.resolve();

beforeAll(async () => {
  world = await openFleetWorld();
  await world.addFirmware('1.0.0');
  firmware = await world.addFirmware('1.1.0');
  devices = playedDevices(world.pool);
});
afterAll(() => world.close());
beforeEach(() =>
  world.pool.query(
    'truncate devices, rollouts, rollout_targets, rollback_targets, jobs, job_executions, job_counters, evidence, runs cascade',
  ),
);
afterEach(() => stopLiving());

/** One look at a wave that ends at once, whatever became of it. */
const offerOnce = (ref: RunRef, wave: number) =>
  offer(world, { ...ref, wave, ...whateverHappens, deadlineAt: inMs(0) }).result;

/** A run whose `staged` devices hold the new version, and whose other `names` were offered it. */
async function stagedRun(names: readonly string[], staged: readonly string[] = names): Promise<RunRef> {
  const ref = await preparedRun(world, firmware, { names, ...SLOT_PLAN });
  await offerOnce(ref, 1);
  for (const thing of staged) await devices.play(thing, { does: 'succeed' });
  return ref;
}

const rollBack = (ref: RunRef, changes: Partial<RollBackInput> = {}) =>
  attempt(createFleetActivities(world).rollBackFleet, { ...ref, reason: 'test', deadlineAt: inMs(30_000), ...changes });

const installed = async (): Promise<string[]> => {
  const { rows } = await world.pool.query<{ firmware: string }>('select firmware from devices order by thing');
  return rows.map((one) => one.firmware);
};

const jobs = async (run: string) => {
  const { rows } = await world.pool.query<{ job: string; operation: string; asked: string; version: string }>(
    `select job_id as job, operation, document->>'operation' as asked, version from jobs where run_id = $1 order by seq`,
    [run],
  );
  return rows;
};

const hex = createHash('sha256').update('1.0.0').digest('hex').slice(0, 12);

describe('staging', () => {
  it('leaves devices on what they run, and asks nobody that failed it to activate', async () => {
    const ref = await stagedRun(['d-001', 'd-002'], ['d-001']);
    await devices.play('d-002', fails('downloading', 'checksum-mismatch'));
    expect(await installed()).toEqual(['1.0.0', '1.0.0']);
    await offerOnce(ref, 2);
    expect(await devices.startNext('d-002')).toBeNull();
    expect(await devices.play('d-001', succeeds)).toBe(`${ref.run}-w2`);
    expect(await installed()).toEqual(['1.1.0', '1.0.0']);
    expect(await jobs(ref.run)).toEqual([
      { job: `${ref.run}-w1`, operation: 'stage', asked: 'firmware.stage', version: '1.1.0' },
      { job: `${ref.run}-w2`, operation: 'activate', asked: 'firmware.activate', version: '1.1.0' },
    ]);
  });

  it('is no success of the version in any count', async () => {
    const ref = await stagedRun(things(3), ['d-001', 'd-002']);
    const counted = await attempt(createFleetActivities(world).countRun, ref).result;
    expect(counted).toMatchObject({ offered: 0, succeeded: 0 });
    const states = (await readRunDevices(world.pool, ref.run, { states: [], limit: 9 })).map(({ install }) => install);
    expect(states).toEqual(['staged', 'staged', 'queued']);
    const tallies = await readWaveTallies(world.pool, ref.run);
    expect(tallies.map(({ operation, targets }) => [operation, targets])).toEqual([
      ['stage', 3],
      ['activate', 3],
    ]);
  });

  it('has a failure rate of its own, and so has the activation', async () => {
    const ref = await stagedRun(things(3), ['d-001', 'd-002']);
    await devices.play('d-003', fails('downloading'));
    const during = await readStanding(world.pool, ref.run);
    expect(during.run).toMatchObject({ offered: 3, succeeded: 2, failed: 1 });
    await offerOnce(ref, 2);
    await devices.play('d-001', succeeds);
    const { wave, run, unreleased } = await readStanding(world.pool, ref.run);
    expect(wave).toMatchObject({ offered: 2, succeeded: 1, failed: 0 });
    expect(run).toEqual(wave);
    expect(unreleased).toBe(0);
  });

  it('takes who joins while it goes on; who joins later has nothing to activate', async () => {
    const ref = await stagedRun(['d-001']);
    await world.addDevices(['d-002']);
    await offerOnce(ref, 1);
    await devices.play('d-002', succeeds);
    await world.addDevices(['d-003']);
    const { counts } = await offerOnce(ref, 2);
    expect(counts.offered).toBe(2);
    const { rows } = await world.pool.query('select thing, wave from rollout_targets where run_id = $1 order by 1', [
      ref.run,
    ]);
    expect(rows).toEqual([
      { thing: 'd-001', wave: 1 },
      { thing: 'd-002', wave: 1 },
    ]);
  });

  it('that comes too late to count brings nobody back', async () => {
    const ref = await stagedRun(['d-001'], []);
    const jobId = (await devices.play('d-001', begins('installing'))) ?? '';
    const { result } = rollBack(ref);
    expect(await result).toMatchObject({ kind: 'rolled-back', offered: 0, left: 0 });
    expect(await devices.report('d-001', jobId, 'SUCCEEDED')).toMatchObject({ kind: 'rejected' });
    expect(await installed()).toEqual(['1.0.0']);
    const { rows } = await world.pool.query('select refused_success from job_executions');
    expect(rows).toEqual([{ refused_success: false }]);
  });
});

describe('the way back of activated devices', () => {
  it('activates the slot before; who was only staged stays as it is', async () => {
    const ref = await stagedRun(['d-001', 'd-002']);
    await offerOnce(ref, 2);
    await devices.play('d-001', succeeds);
    // The other one does not begin before the rollback, either.
    await attempt(createFleetActivities(world).holdOffers, ref).result;
    stopLiving = devices.live(() => succeeds);
    const outcome = await rollBack(ref).result;
    expect(outcome).toMatchObject({ kind: 'rolled-back', offered: 1, returned: 1, left: 0 });
    expect(await installed()).toEqual(['1.0.0', '1.0.0']);
    expect((await jobs(ref.run)).slice(2)).toEqual([
      { job: `${ref.run}-s-${hex}`, operation: 'activate', asked: 'firmware.activate', version: '1.0.0' },
    ]);
  });

  it.each([
    ['rejects it', { does: 'reject' } as const],
    ['could not start it', fails('rebooting', 'boot-loop')],
  ])('is an install where a device %s', async (_how, refusal) => {
    const ref = await stagedRun(['d-001', 'd-002']);
    await offerOnce(ref, 2);
    for (const thing of ['d-001', 'd-002']) await devices.play(thing, succeeds);
    stopLiving = devices.live((thing, jobId) => (thing === 'd-001' && jobId.includes('-s-') ? refusal : succeeds));
    const outcome = await rollBack(ref).result;
    expect(outcome).toMatchObject({ kind: 'rolled-back', offered: 2, returned: 2, left: 0 });
    expect(await installed()).toEqual(['1.0.0', '1.0.0']);
    const { rows } = await world.pool.query(
      `select e.thing, j.operation from job_executions e join jobs j on j.seq = e.job_seq
       where j.purpose = 'way-back' order by 1, 2`,
    );
    expect(rows).toEqual([
      { thing: 'd-001', operation: 'activate' },
      { thing: 'd-001', operation: 'install' },
      { thing: 'd-002', operation: 'activate' },
    ]);
  });

  it('is an install also where the device refuses after the run', async () => {
    const ref = await stagedRun(['d-001']);
    await offerOnce(ref, 2);
    await devices.play('d-001', succeeds);
    await world.pool.query(
      `insert into runs (run_id, workflow_id, plan_id, environment, kind, phase, closed, started_by)
       values ($1, $1, $2, 'production', 'fleet-rollout', 'rollback-incomplete', true, 'ada')`,
      [ref.run, ref.planId],
    );
    expect(await rollBack(ref, { deadlineAt: inMs(0) }).result).toMatchObject({ kind: 'incomplete', left: 1 });
    expect(await devices.play('d-001', { does: 'reject' })).toBe(`${ref.run}-s-${hex}`);
    expect(await followUpRollbacks(world)).toEqual([ref.run]);
    expect(await devices.play('d-001', succeeds)).toBe(`${ref.run}-b-${hex}`);
    expect(await followUpRollbacks(world)).toEqual([ref.run]);
    expect(await readWaysBack(world.pool, ref.run)).toMatchObject([{ thing: 'd-001', state: 'returned' }]);
    expect(await followUpRollbacks(world)).toEqual([]);
  });

  it('leads where the device was when it was activated, not when it was staged', async () => {
    const ref = await stagedRun(['d-001']);
    await world.pool.query(`update devices set firmware = '1.0.5'`);
    await world.addFirmware('1.0.5');
    await offerOnce(ref, 2);
    await devices.play('d-001', succeeds);
    stopLiving = devices.live(() => succeeds);
    await rollBack(ref).result;
    await eventually(async () => expect(await installed()).toEqual(['1.0.5']));
  });

  it('of a run that was cut short names only those that were activated', async () => {
    const ref = await stagedRun(things(3), ['d-001', 'd-002']);
    await devices.play('d-003', begins('installing'));
    await offerOnce(ref, 2);
    await devices.play('d-001', succeeds);
    await attempt(createFleetActivities(world).holdOffers, ref).result;
    const { left, examples } = await listLeft(world.pool, ref.run);
    expect({ left, things: examples.map(({ thing }) => thing) }).toEqual({ left: 1, things: ['d-001'] });
  });
});
