import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlannedFirmware } from '#domain/plan/plan.ts';
import type { RollBackInput, RunRef } from '#domain/ports/fleet.port.ts';
import { createFleetActivities } from '../../../activities/fleet/fleet.activities.ts';
import type { FleetPoint } from '../../../activities/fleet/deps.ts';
import { artifactPath } from '../../../activities/adapters/object-store/artifact-files.ts';
import { eventually } from '../../support/eventually.ts';
import { inMs, offeredRun } from '../../support/fleet/fleet-runs.ts';
import { attempt, codeOf, openFleetWorld, things, type FleetWorld } from '../../support/fleet/fleet-world.ts';
import {
  begins,
  fails,
  isOffline,
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
let stopLiving: () => Promise<void> = () => Promise.resolve();

beforeAll(async () => {
  world = await openFleetWorld();
  for (const version of ['0.9.0', '1.0.0']) await world.addFirmware(version);
  firmware = await world.addFirmware('1.1.0');
  devices = playedDevices(world.pool);
});
afterAll(() => world.close());
beforeEach(() =>
  world.pool.query(
    'truncate devices, rollouts, rollout_targets, rollback_targets, jobs, job_executions, job_counters, evidence',
  ),
);
afterEach(() => stopLiving());

const rollBack = (ref: RunRef, changes: Partial<RollBackInput> = {}, dieAt?: FleetPoint) => {
  const reached = (point: FleetPoint): Promise<void> =>
    point === dieAt ? Promise.reject(new Error(`died at ${point}`)) : Promise.resolve();
  const input = { ...ref, reason: 'test', deadlineAt: inMs(30_000), ...changes };
  return attempt(createFleetActivities({ ...world, reached }).rollBackFleet, input);
};

/** A rollback that comes to its deadline when `comeToDeadline` is called. */
function rollBackUntilTold(ref: RunRef) {
  let aheadMs = 0;
  const deps = { ...world, now: () => Date.now() + aheadMs };
  const input = { ...ref, reason: 'test', deadlineAt: inMs(HOUR_MS) };
  const { result } = attempt(createFleetActivities(deps).rollBackFleet, input);
  const comeToDeadline = (): void => {
    aheadMs = 2 * HOUR_MS;
  };
  return { result, comeToDeadline };
}

/** A run that offered its version to `names`, each of which then did as told. */
async function offered(names: readonly string[], behave: (thing: string) => Behaviour): Promise<RunRef> {
  const previous: Record<string, string> = { old: '0.9.0', lost: '0.1.0', broken: '0.5.0' };
  for (const [kind, of] of Map.groupBy(names, (name) => name.split('-')[0] ?? '')) {
    await world.addDevices(of, { firmware: previous[kind] ?? '1.0.0' });
  }
  const ref = await offeredRun(world, firmware);
  for (const thing of names) expect([`${ref.run}-w1`, null]).toContain(await devices.play(thing, behave(thing)));
  // Who did not begin does not do so before the rollback, either.
  await attempt(createFleetActivities(world).holdOffers, ref).result;
  return ref;
}

/** The job that takes devices of the run back to `version`. */
const wayBack = (run: string, version: string): string =>
  `${run}-b-${createHash('sha256').update(version).digest('hex').slice(0, 12)}`;

const list = (run: string) => readWaysBack(world.pool, run);

const live = (behave: (thing: string, jobId: string) => Behaviour): void => {
  stopLiving = devices.live(behave);
};

describe('which devices are taken back', () => {
  it.each<[string, Behaviour, boolean]>([
    ['that succeeded', succeeds, true],
    ['that failed while it installed', fails('installing', 'install-crashed'), true],
    ['that failed after its reboot', fails('rebooting', 'boot-loop'), true],
    ['that failed without saying how far it came', fails(null, 'unknown'), true],
    ['that failed while it downloaded', fails('downloading', 'checksum-mismatch'), false],
    ['that refused', { does: 'reject' }, false],
    ['that never began', isOffline, false],
  ])('one %s', async (_name, behaviour, isTaken) => {
    const ref = await offered(['d-001'], () => behaviour);
    live(() => succeeds);
    const outcome = await rollBack(ref).result;
    const count = isTaken ? 1 : 0;
    expect(outcome).toEqual({ kind: 'rolled-back', offered: count, returned: count, left: 0, examples: [] });
    expect((await list(ref.run)).map(({ state }) => state)).toEqual(isTaken ? ['returned'] : []);
  });

  it.each<[string, string | null, boolean]>([
    ['while it downloaded', 'downloading', false],
    ['while it installed', 'installing', true],
    ['after its reboot', 'rebooting', true],
    ['without saying how far it came', null, true],
  ])('one that timed out %s', async (_name, step, isTaken) => {
    const ref = await offered(['d-001'], () => begins(step));
    expect(await devices.sweep(Date.now() + 120_000)).toBe(1);
    live(() => succeeds);
    expect(await rollBack(ref).result).toMatchObject({ kind: 'rolled-back', offered: isTaken ? 1 : 0, left: 0 });
  });

  it.each<[string, string, string, boolean]>([
    ['downloading, and gives up', 'downloading', 'downloading', false],
    ['downloading, and says that it begins to install', 'downloading', 'installing', true],
    ['rebooting', 'rebooting', 'rebooting', true],
  ])('one in progress that hears of the cancel while %s', async (_name, step, next, isTaken) => {
    const ref = await offered(['d-001'], () => begins(step));
    const back = rollBack(ref);
    await eventually(async () => {
      const answer = await devices.report('d-001', `${ref.run}-w1`, 'IN_PROGRESS', { step: next });
      expect(answer).toMatchObject({ kind: 'rejected', code: 'InvalidStateTransition' });
    });
    live(() => succeeds);
    expect(await back.result).toMatchObject({ kind: 'rolled-back', offered: isTaken ? 1 : 0, left: 0 });
  });

  it('one whose success was refused because the job was cancelled', async () => {
    const ref = await offered(['d-001'], () => begins('downloading'));
    const back = rollBack(ref);
    await eventually(async () =>
      expect(await devices.report('d-001', `${ref.run}-w1`, 'SUCCEEDED')).toMatchObject({
        code: 'InvalidStateTransition',
      }),
    );
    live(() => succeeds);
    expect(await back.result).toMatchObject({ kind: 'rolled-back', offered: 1, returned: 1 });
  });

  it('each to its own previous firmware, by a job of its own', async () => {
    const names = [...things(3), ...things(2, 'old')];
    const ref = await offered(names, () => succeeds);
    live(() => succeeds);
    expect(await rollBack(ref).result).toMatchObject({ kind: 'rolled-back', offered: 5, returned: 5 });
    const { rows } = await world.pool.query(`select job_id, version, document->>'version' as offered from jobs
      where purpose = 'way-back' order by version`);
    expect(rows).toEqual([
      { job_id: wayBack(ref.run, '0.9.0'), version: '0.9.0', offered: '0.9.0' },
      { job_id: wayBack(ref.run, '1.0.0'), version: '1.0.0', offered: '1.0.0' },
    ]);
    const now = await world.pool.query<{ thing: string; firmware: string }>('select thing, firmware from devices');
    for (const { thing, firmware: running } of now.rows)
      expect(running).toBe(thing.startsWith('old') ? '0.9.0' : '1.0.0');
  });
});

describe('the job of a way back', () => {
  it('stays that of its version when another version joins', async () => {
    const ref = await offered(['d-001'], () => succeeds);
    await rollBack(ref, { deadlineAt: inMs(0) }).result;
    // Before 1.0.0 by name, as a device that joined late may be.
    await world.addDevices(['old-1'], { firmware: '0.9.0' });
    await world.pool.query(
      `insert into rollout_targets (run_id, thing, ord, wave, previous_firmware)
       values ($1, 'old-1', 1, 1, '0.9.0')`,
      [ref.run],
    );
    await world.pool.query(
      `insert into job_executions (thing, job_seq, shard, status)
       select 'old-1', seq, 0, 2 from jobs where job_id = $1 || '-w1'`,
      [ref.run],
    );
    await rollBack(ref, { deadlineAt: inMs(0) }).result;
    expect(await devices.startNext('old-1')).toBe(wayBack(ref.run, '0.9.0'));
    expect(await devices.startNext('d-001')).toBe(wayBack(ref.run, '1.0.0'));
  });

  it('is refused when it is stored with another version', async () => {
    const ref = await offered(['d-001'], () => succeeds);
    await world.pool.query(
      `insert into jobs (job_id, run_id, purpose, version, document, in_progress_timeout_ms, confirm_within_ms, confirm)
       values ($1, $2, 'way-back', '0.9.0', '{}', 1, 1, 'succeeded')`,
      [wayBack(ref.run, '1.0.0'), ref.run],
    );
    await expect(rollBack(ref).result).rejects.toThrow('offers 0.9.0, not 1.0.0');
    expect(await devices.startNext('d-001')).toBeNull();
  });
});

describe('a rollback that cannot be complete', () => {
  it('lists a device whose way back failed', async () => {
    const ref = await offered(things(2), () => succeeds);
    live((thing) => (thing === 'd-001' ? fails('downloading', 'download-failed') : succeeds));
    const outcome = await rollBack(ref).result;
    const example = { thing: 'd-001', status: 'failed', reason: 'download-failed' };
    expect(outcome).toEqual({ kind: 'incomplete', offered: 2, returned: 1, left: 1, examples: [example] });
  });

  it('lists devices for whose previous firmware there is no artifact, or a damaged one', async () => {
    const gone = await world.addFirmware('0.5.0');
    rmSync(artifactPath(world.dataDirectory, gone.sha256));
    const ref = await offered(['lost-1', 'broken-1', 'd-001'], () => succeeds);
    live(() => succeeds);
    expect(await rollBack(ref).result).toMatchObject({ kind: 'incomplete', offered: 1, returned: 1, left: 2 });
    const states = (await list(ref.run)).map(({ thing, state, detail }) => ({ thing, state, detail }));
    const damaged = expect.stringContaining('artifact edge 0.5.0 is damaged') as string;
    expect(states).toEqual([
      { thing: 'broken-1', state: 'no-artifact', detail: damaged },
      { thing: 'd-001', state: 'returned', detail: '' },
      { thing: 'lost-1', state: 'no-artifact', detail: 'no artifact edge 0.1.0' },
    ]);
  });

  it('lists devices that did not answer the cancel, and keeps their way back open', async () => {
    const ref = await offered(things(2), (thing) => (thing === 'd-001' ? begins('installing') : succeeds));
    live((thing) => (thing === 'd-001' ? isOffline : succeeds));
    const back = rollBackUntilTold(ref);
    await eventually(async () => expect(await list(ref.run)).toMatchObject([{ thing: 'd-002', state: 'returned' }]));
    back.comeToDeadline();
    const outcome = await back.result;
    expect(outcome).toMatchObject({ kind: 'incomplete', returned: 1, left: 1 });
    expect(outcome.examples).toMatchObject([{ thing: 'd-001', status: 'unacknowledged' }]);
    await stopLiving();
    await devices.report('d-001', `${ref.run}-w1`, 'SUCCEEDED');
    expect(await devices.startNext('d-001')).toBe(wayBack(ref.run, '1.0.0'));
  });

  it('lists devices that were offered their way back and did not confirm it', async () => {
    const ref = await offered(things(2), () => succeeds);
    live((thing) => (thing === 'd-001' ? isOffline : succeeds));
    const back = rollBackUntilTold(ref);
    await eventually(async () =>
      expect(await list(ref.run)).toMatchObject([{ state: 'offered' }, { thing: 'd-002', state: 'returned' }]),
    );
    back.comeToDeadline();
    expect(await back.result).toMatchObject({ kind: 'incomplete', offered: 2, returned: 1, left: 1 });
    expect(await list(ref.run)).toMatchObject([
      { thing: 'd-001', state: 'unacknowledged', detail: 'offered 1.0.0, not confirmed in time' },
      { thing: 'd-002', state: 'returned' },
    ]);
  });
});

describe('a rollback', () => {
  it.each<FleetPoint>(['deadline-passed', 'silent-listed'])(
    'lists a device that answers in the last moment (%s)',
    async (moment) => {
      const ref = await offered(['d-001'], () => begins('installing'));
      const reached = async (point: FleetPoint): Promise<void> => {
        if (point === moment) await devices.report('d-001', `${ref.run}-w1`, 'SUCCEEDED');
      };
      const input = { ...ref, reason: 'test', deadlineAt: inMs(0) };
      const outcome = await attempt(createFleetActivities({ ...world, reached }).rollBackFleet, input).result;
      expect(outcome).toMatchObject({ kind: 'incomplete', left: 1 });
      expect(await list(ref.run)).toMatchObject([{ thing: 'd-001', state: 'unacknowledged' }]);
      expect(await devices.startNext('d-001')).toBe(wayBack(ref.run, '1.0.0'));
    },
  );

  it('is harmless for a run that never offered anything', async () => {
    const ref = await world.plan(firmware);
    const none = { kind: 'rolled-back', offered: 0, returned: 0, left: 0, examples: [] };
    expect(await rollBack(ref).result).toEqual(none);
  });

  it('stops offering even where the plan was altered, and says so', async () => {
    const ref = await offered(['d-001'], () => isOffline);
    expect(await codeOf(rollBack({ ...ref, digest: 'f'.repeat(64) }).result)).toBe('PLAN_DIGEST_MISMATCH');
    expect(await devices.startNext('d-001')).toBeNull();
  });

  it('goes on where it was when its worker dies between any two statements, and repeats nothing', async () => {
    const ref = await offered(things(6), (thing) => (thing === 'd-006' ? isOffline : succeeds));
    for (const point of ['offers-stopped', 'offers-withdrawn', 'way-backs-uncommitted', 'way-backs-written'] as const) {
      await expect(rollBack(ref, {}, point).result).rejects.toThrow(`died at ${point}`);
    }
    live(() => succeeds);
    const outcome = await rollBack(ref).result;
    expect(outcome).toMatchObject({ kind: 'rolled-back', offered: 5, returned: 5, left: 0 });
    expect(await rollBack(ref).result).toEqual(outcome);
    const { rows } = await world.pool.query(
      'select purpose, count(*)::int as n from job_executions e join jobs j on j.seq = e.job_seq group by 1 order by 1',
    );
    expect(rows).toEqual([
      { purpose: 'install', n: 6 },
      { purpose: 'way-back', n: 5 },
    ]);
  });
});
