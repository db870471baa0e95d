// What devices say after their run was rolled back and has ended.
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlannedFirmware } from '#domain/plan/plan.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import { artifactPath } from '../../../activities/adapters/object-store/artifact-files.ts';
import { inTransaction } from '../../../activities/adapters/postgres/pool.ts';
import type { FleetPoint } from '../../../activities/fleet/deps.ts';
import { createFleetActivities } from '../../../activities/fleet/fleet.activities.ts';
import { followUpRollbacks } from '../../../activities/fleet/follow-up-rollbacks.ts';
import { readSettings } from '../../../client/engine/settings.ts';
import { followUps } from '../../../workers/fleet.worker.ts';
import { eventually } from '../../support/eventually.ts';
import { inMs, offeredRun } from '../../support/fleet/fleet-runs.ts';
import { attempt, openFleetWorld, type FleetWorld } from '../../support/fleet/fleet-world.ts';
import { begins, fails, playedDevices, succeeds, type PlayedDevices } from '../../support/fleet/played-devices.ts';
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
    `truncate devices, rollouts, rollout_targets, rollback_targets, jobs, job_executions, job_counters, evidence, runs`,
  ),
);

const stop = (ref: RunRef) => ({ ...ref, reason: 'test', deadlineAt: inMs(0) });
const installJob = ({ run }: RunRef): string => `${run}-w1`;
const followUp = (deps = world) => followUpRollbacks(deps);

/** The states of the run's ways back, by device. */
const states = async ({ run }: RunRef): Promise<Record<string, string>> =>
  Object.fromEntries((await readWaysBack(world.pool, run)).map(({ thing, state }) => [thing, state]));

async function close({ run, planId }: RunRef, phase: string): Promise<void> {
  await world.pool.query(
    `insert into runs (run_id, workflow_id, plan_id, environment, kind, phase, closed, started_by)
     values ($1, $1, $2, 'production', 'fleet-rollout', $3, true, 'ada')`,
    [run, planId, phase],
  );
}

/** A run of `names`, which failed before they installed; rolled back, so that none is on its list, and closed. */
async function rolledBack(...names: string[]): Promise<RunRef> {
  const ref = await offeredRun(world, firmware, { names });
  for (const thing of names) await devices.play(thing, fails('downloading', 'download-failed'));
  const outcome = await attempt(createFleetActivities(world).rollBackFleet, stop(ref)).result;
  expect(outcome).toMatchObject({ kind: 'rolled-back', offered: 0 });
  await close(ref, 'rolled-back');
  return ref;
}

const saySuccess = (ref: RunRef, thing: string) => devices.report(thing, installJob(ref), 'SUCCEEDED');

describe('a device that says too late that it runs the new version', () => {
  it('is listed, offered its way back, and back when it confirms it', async () => {
    const ref = await rolledBack('d-001', 'd-002');
    await saySuccess(ref, 'd-001');
    expect(await followUp()).toEqual([ref.run]);
    expect(await readWaysBack(world.pool, ref.run)).toEqual([
      {
        thing: 'd-001',
        version: '1.0.0',
        state: 'unacknowledged',
        detail: 'said after the run that it runs the new version; its way back waits for it',
      },
    ]);
    expect(await followUp()).toEqual([]);
    expect(await devices.play('d-001', succeeds)).toMatch(`${ref.run}-b-`);
    expect(await followUp()).toEqual([ref.run]);
    expect(await states(ref)).toEqual({ 'd-001': 'returned' });
    expect(await devices.startNext('d-002')).toBeNull();
  });

  it('is only listed when there is nothing to offer', async () => {
    const lost = await world.addFirmware('0.5.0');
    rmSync(artifactPath(world.dataDirectory, lost.sha256));
    await world.addDevices(['lost-1'], { firmware: '0.5.0' });
    const ref = await rolledBack('d-001');
    await devices.report('lost-1', installJob(ref), 'SUCCEEDED');
    expect(await followUp()).toEqual([ref.run]);
    expect(await states(ref)).toEqual({ 'lost-1': 'no-artifact' });
    expect(await followUp()).toEqual([]);
  });

  it('is left to a newer run that has offered it something since', async () => {
    const ref = await rolledBack('d-001');
    const newer = await offeredRun(world, await world.addFirmware('1.2.0'));
    await saySuccess(ref, 'd-001');
    await followUp();
    const detail = `superseded by ${newer.run}`;
    expect(await readWaysBack(world.pool, ref.run)).toMatchObject([{ state: 'superseded', detail }]);
    expect(await devices.startNext('d-001')).toBe(installJob(newer));
  });

  it('is waited for after the run when its way back was only a precaution', async () => {
    const ref = await offeredRun(world, firmware, { names: ['slow', 'other'] });
    for (const thing of ['slow', 'other']) await devices.play(thing, begins('downloading'));
    await devices.sweep(Date.now() + HOUR_MS);
    await attempt(createFleetActivities(world).rollBackFleet, stop(ref)).result;
    await close(ref, 'rolled-back');
    expect(await followUp()).toEqual([]);
    await saySuccess(ref, 'slow');
    // The other one says it by its shadow alone.
    await world.pool.query(`update devices set firmware = '1.1.0' where thing = 'other'`);
    await followUp();
    expect(await states(ref)).toEqual({ other: 'unacknowledged', slow: 'unacknowledged' });
    for (const thing of ['slow', 'other']) await devices.play(thing, succeeds);
    await followUp();
    expect(await states(ref)).toEqual({ other: 'returned', slow: 'returned' });
  });
});

describe('a way back that is confirmed after the run', () => {
  it('counts, in time for the device or too late', async () => {
    const ref = await offeredRun(world, firmware, { names: ['late', 'later'] });
    for (const thing of ['late', 'later']) await devices.play(thing, succeeds);
    const back = attempt(createFleetActivities(world).rollBackFleet, { ...stop(ref), deadlineAt: inMs(HOUR_MS) });
    await eventually(async () => expect(await states(ref)).toEqual({ late: 'offered', later: 'offered' }));
    const jobId = (await devices.play('later', begins('installing'))) ?? '';
    await devices.sweep(Date.now() + HOUR_MS);
    await eventually(async () => expect(await states(ref)).toEqual({ late: 'offered', later: 'failed' }));
    back.abandon('workerShutdown');
    await Promise.allSettled([back.result]);
    await attempt(createFleetActivities(world).rollBackFleet, stop(ref)).result;
    await close(ref, 'rollback-incomplete');
    expect(await states(ref)).toEqual({ late: 'unacknowledged', later: 'failed' });
    await devices.play('late', succeeds);
    await devices.report('later', jobId, 'SUCCEEDED');
    expect(await followUp()).toEqual([ref.run]);
    expect(await states(ref)).toEqual({ late: 'returned', later: 'returned' });
    expect(await followUp()).toEqual([]);
  });
});

describe('nothing is done', () => {
  it('while the run is open: its own rollback does it', async () => {
    const ref = await rolledBack('d-001');
    await world.pool.query('update runs set closed = false');
    await saySuccess(ref, 'd-001');
    expect(await followUp()).toEqual([]);
  });

  it.each(['withdrawOffers', 'leaveFleet'] as const)('for a run that did not go back (%s)', async (end) => {
    const ref = await offeredRun(world, firmware, { names: ['d-001'] });
    await devices.play('d-001', begins('installing'));
    await attempt<ReturnType<typeof stop>, unknown>(createFleetActivities(world)[end], stop(ref)).result;
    await close(ref, 'cancelled');
    await saySuccess(ref, 'd-001');
    expect(await followUp()).toEqual([]);
    expect(await devices.startNext('d-001')).toBeNull();
  });
});

describe('the task that does it', () => {
  it('goes on where it was when it dies between any two statements, beside another one too', async () => {
    const ref = await rolledBack('d-001', 'd-002');
    for (const thing of ['d-001', 'd-002']) await saySuccess(ref, thing);
    for (const point of ['way-backs-uncommitted', 'way-backs-written'] as const) {
      const reached = (at: FleetPoint): Promise<void> =>
        at === point ? Promise.reject(new Error(`died at ${point}`)) : Promise.resolve();
      expect(await followUpRollbacks({ ...world, reached })).toEqual([]);
    }
    await Promise.all([followUp(), followUp(), followUp()]);
    expect(await states(ref)).toEqual({ 'd-001': 'unacknowledged', 'd-002': 'unacknowledged' });
    const { rows } = await world.pool.query(
      `select j.purpose, count(*)::int as n from job_executions e join jobs j on j.seq = e.job_seq
       group by 1 order by 1`,
    );
    expect(rows).toEqual([
      { purpose: 'install', n: 2 },
      { purpose: 'way-back', n: 2 },
    ]);
  });

  it('is not kept from one run by another that fails', async () => {
    const broken = await rolledBack('a-1');
    const ref = await rolledBack('b-1');
    for (const [one, thing] of [[broken, 'a-1'] as const, [ref, 'b-1'] as const]) await saySuccess(one, thing);
    const wayBack = createHash('sha256').update('1.0.0').digest('hex').slice(0, 12);
    await world.pool.query(
      `insert into jobs (job_id, run_id, purpose, version, document, in_progress_timeout_ms, confirm_within_ms, confirm)
       values ($1, $2, 'way-back', 'another', '{}', 1, 1, 'succeeded')`,
      [`${broken.run}-b-${wayBack}`, broken.run],
    );
    expect(await followUp()).toEqual([ref.run]);
    expect(await states(ref)).toEqual({ 'b-1': 'unacknowledged' });
  });

  it('runs beside the fleet worker', async () => {
    const ref = await rolledBack('d-001');
    await saySuccess(ref, 'd-001');
    const settings = { ...readSettings({}), dataDirectory: world.dataDirectory };
    const chore = followUps({ settings, pool: world.pool, logger: world.logger });
    chore.start();
    await eventually(async () => expect(await states(ref)).toEqual({ 'd-001': 'unacknowledged' }));
    await chore.stop();
  });

  it('finds its devices by an index that costs their usual reports nothing', async () => {
    await rolledBack('d-001');
    const counted = await inTransaction(world.pool, async (connection) => {
      const hot = async (change: string): Promise<number> => {
        const read = async (): Promise<number> => {
          const sql = `select pg_stat_get_xact_tuples_hot_updated('job_executions'::regclass)::int as n`;
          return (await connection.query<{ n: number }>(sql)).rows[0]?.n ?? 0;
        };
        const before = await read();
        await connection.query(`update job_executions set version_number = version_number + 1, ${change}`);
        return (await read()) - before;
      };
      return [await hot('refused_success = refused_success'), await hot('refused_success = true')];
    });
    expect(counted).toEqual([1, 0]);
  });
});
