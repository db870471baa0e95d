import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlannedFirmware } from '#domain/plan/plan.ts';
import type { OfferWaveInput, RunRef, WaveOutcome } from '#domain/ports/fleet.port.ts';
import { createFleetActivities } from '../../../activities/fleet/fleet.activities.ts';
import { eventually } from '../../support/eventually.ts';
import { attempt, openFleetWorld, things, type Attempt, type FleetWorld } from '../../support/fleet/fleet-world.ts';
import { percentWaves } from '../../support/fleet/plan-builder.ts';
import { isOffline, playedDevices, succeeds, type PlayedDevices } from '../../support/fleet/played-devices.ts';

let world: FleetWorld;
let firmware: PlannedFirmware;
let devices: PlayedDevices;
let stopLiving: () => Promise<void> = () => Promise.resolve();
const running: Attempt<WaveOutcome>[] = [];

beforeAll(async () => {
  world = await openFleetWorld();
  firmware = await world.addFirmware('1.1.0');
  devices = playedDevices(world.pool);
});
afterAll(() => world.close());
beforeEach(() =>
  world.pool.query('truncate devices, rollouts, rollout_targets, jobs, job_executions, job_counters, evidence, groups'),
);
afterEach(async () => {
  for (const one of running) one.cancel();
  await Promise.allSettled(running.splice(0).map((one) => one.result));
  await stopLiving();
});

function offer(ref: RunRef, wave: number, changes: Partial<OfferWaveInput> = {}): Attempt<WaveOutcome> {
  const one = attempt(createFleetActivities(world).offerWave, {
    ...ref,
    wave,
    maximumPerMinute: null,
    successThresholdPercent: 90,
    criteria: { maxFailureRatePercent: 10, minimumExecuted: 10, onHealthCheckFailure: true },
    deadlineAt: new Date(Date.now() + 3_600_000).toISOString(),
    ...changes,
  });
  running.push(one);
  return one;
}

async function prepared(names: readonly string[], ...percentages: number[]): Promise<RunRef> {
  await world.addDevices(names);
  const ref = await world.plan(firmware, { waves: percentWaves(...percentages) });
  await attempt(createFleetActivities(world).prepareRollout, ref).result;
  return ref;
}

async function releasedAt(run: string): Promise<number[]> {
  const { rows } = await world.pool.query<{ at: number }>(
    `select (extract(epoch from released_at) * 1000)::float8 as at from rollout_targets
     where run_id = $1 and released_at is not null order by released_at`,
    [run],
  );
  return rows.map(({ at }) => at);
}

const openExecutions = async (run: string): Promise<number> => {
  const { rows } = await world.pool.query<{ open: number }>(
    `select count(*)::int as open from job_executions e join jobs j on j.seq = e.job_seq where j.run_id = $1 and e.status = 0`,
    [run],
  );
  return rows[0]?.open ?? 0;
};

describe('the rate limit of a rollout', () => {
  it('lets devices go one by one, and a restart in between gives nothing extra', async () => {
    const ref = await prepared(things(200), 100);
    // 600 a minute: one device every 100 ms, and never more than 9 at once.
    const limited = { maximumPerMinute: 600 };
    const first = offer(ref, 1, limited);
    await eventually(async () => expect((await releasedAt(ref.run)).length).toBeGreaterThan(10));
    for (let restart = 0; restart < 5; restart += 1) {
      const one = offer(ref, 1, limited);
      await new Promise((resolve) => one.hearts.once('heartbeat', resolve));
      one.cancel();
      await Promise.allSettled([one.result]);
    }
    first.cancel();
    const at = await releasedAt(ref.run);
    const spanMs = (at.at(-1) ?? 0) - (at[0] ?? 0);
    expect(at.length).toBeLessThanOrEqual(Math.ceil((spanMs / 1_000) * (600 / 61)) + 10);
    for (const from of at) expect(at.filter((one) => one >= from && one < from + 1_000).length).toBeLessThanOrEqual(20);
  });

  it('holds over all waves: the next one finds what the last one used', async () => {
    const ref = await prepared(things(8), 50, 100);
    stopLiving = devices.live(() => succeeds);
    const limited = { maximumPerMinute: 61 };
    const [early] = [Date.now()];
    await offer(ref, 1, limited).result;
    await offer(ref, 2, limited).result;
    // One a second after a first burst of one: eight devices need about seven seconds, whatever the waves.
    expect(Date.now() - early).toBeGreaterThan(5_500);
    expect(await releasedAt(ref.run)).toHaveLength(8);
  });

  it('takes what an earlier wave left over into the next one', async () => {
    const ref = await prepared(things(20), 50, 100);
    stopLiving = devices.live(() => succeeds);
    const soon = new Date(Date.now() + 2_500).toISOString();
    const short = await offer(ref, 1, { maximumPerMinute: 61, deadlineAt: soon }).result;
    expect(short.kind).toBe('short');
    expect(short.counts.offered).toBeLessThan(10);
    expect(short.unreleased).toBe(10 - short.counts.offered);
    const rest = await offer(ref, 2).result;
    expect(rest).toMatchObject({ kind: 'passed', unreleased: 0 });
    expect(rest.counts.offered + short.counts.offered).toBe(20);
  });
});

describe('a late joiner', () => {
  it('lands in the last wave, once, and is released with it', async () => {
    await world.pool.query(`insert into groups (name, filter) values ('site-a', 'device.tags.site == "a"')`);
    await world.addDevices(things(10), { tags: { site: 'a' } });
    await world.addDevices(['elsewhere'], { tags: { site: 'b' } });
    const selection = { groups: ['site-a'], devices: 10, alreadyCurrent: 0 };
    const ref = await world.plan(firmware, { waves: percentWaves(50, 100), selection });
    await attempt(createFleetActivities(world).prepareRollout, ref).result;
    stopLiving = devices.live((thing) => (thing === 'd-001' ? isOffline : succeeds));
    const first = offer(ref, 1, { successThresholdPercent: 100 });
    await world.addDevices(['joiner', 'stranger'], { tags: { site: 'a' } });
    await world.pool.query(
      `update devices set tags = '{"site":"a"}', revision = nextval('device_revision') where thing = 'elsewhere'`,
    );
    const waveOf = async (thing: string) => {
      const { rows } = await world.pool.query<{ wave: number }>(
        'select wave from rollout_targets where run_id = $1 and thing = $2',
        [ref.run, thing],
      );
      return rows.map(({ wave }) => wave);
    };
    await eventually(async () => expect(await waveOf('joiner')).toEqual([2]));
    expect(await waveOf('elsewhere')).toEqual([2]);
    first.cancel();
    await Promise.allSettled([first.result]);
    await stopLiving();
    stopLiving = devices.live(() => succeeds);
    expect(await offer(ref, 1).result).toMatchObject({ counts: { offered: 5 } });
    expect(await offer(ref, 2).result).toMatchObject({ kind: 'passed', counts: { offered: 8, succeeded: 8 } });
  });

  it('is found although a transaction that began before it ends after later ones', async () => {
    const ref = await prepared(things(4), 100);
    const slow = await world.pool.connect();
    await slow.query('begin');
    await slow.query(`insert into devices (thing, hardware, firmware) values ('slow', 'edge-a', '1.0.0')`);
    stopLiving = devices.live((thing) => (thing === 'd-001' ? isOffline : succeeds));
    const wave = offer(ref, 1);
    await world.addDevices(['quick']);
    const isTarget = async (thing: string) => {
      const { rowCount } = await world.pool.query('select from rollout_targets where run_id = $1 and thing = $2', [
        ref.run,
        thing,
      ]);
      return rowCount === 1;
    };
    await eventually(async () => expect(await isTarget('quick')).toBe(true));
    await slow.query('commit');
    slow.release();
    await eventually(async () => expect(await isTarget('slow')).toBe(true));
    wave.cancel();
  });

  it('that the firmware does not fit is not admitted', async () => {
    const ref = await prepared(things(2), 100);
    stopLiving = devices.live((thing) => (thing === 'd-001' ? isOffline : succeeds));
    const wave = offer(ref, 1);
    await world.addDevices(['misfit'], { hardware: 'edge-z' });
    await world.addDevices(['fitting']);
    const targets = async () => {
      const { rows } = await world.pool.query<{ thing: string }>(
        'select thing from rollout_targets where run_id = $1 order by thing',
        [ref.run],
      );
      return rows.map(({ thing }) => thing);
    };
    await eventually(async () => expect(await targets()).toEqual(['d-001', 'd-002', 'fitting']));
    wave.cancel();
  });

  it('that runs the version already is counted, not offered', async () => {
    const ref = await prepared(things(2), 100);
    stopLiving = devices.live((thing) => (thing === 'd-001' ? isOffline : succeeds));
    const wave = offer(ref, 1, { deadlineAt: new Date(Date.now() + 6_000).toISOString() });
    await world.addDevices(['current'], { firmware: '1.1.0' });
    expect((await wave.result).counts).toMatchObject({ offered: 2, skipped: 1 });
  });
});

describe('a newer run', () => {
  it('withdraws what an older one still has in the queues of its devices, and nothing else', async () => {
    const older = await prepared(things(4), 100);
    const soon = new Date(Date.now() + 1_500).toISOString();
    await offer(older, 1, { deadlineAt: soon }).result;
    expect(await openExecutions(older.run)).toBe(4);
    await devices.play('d-004', { does: 'begin', step: 'installing' });
    const next = await world.addFirmware('1.2.0');
    const newer = await world.plan(next, { waves: percentWaves(100) });
    await attempt(createFleetActivities(world).prepareRollout, newer).result;
    await offer(newer, 1, { deadlineAt: new Date(Date.now() + 1_500).toISOString() }).result;
    expect(await openExecutions(older.run)).toBe(0);
    expect(await openExecutions(newer.run)).toBe(4);
    const counts = await attempt(createFleetActivities(world).countRun, older).result;
    expect(counts).toMatchObject({ offered: 4, canceled: 3, inProgress: 1, queued: 0 });
    expect(await devices.startNext('d-001')).toBe(`${newer.run}-w1`);
  });
});
