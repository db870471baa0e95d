import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlannedFirmware, WaveSelection } from '#domain/plan/plan.ts';
import type { OfferWaveInput, RunRef, WaveOutcome } from '#domain/ports/fleet.port.ts';
import { inTransaction } from '../../../activities/adapters/postgres/pool.ts';
import { insertTargets, lockTargets } from '../../../activities/adapters/postgres/rollouts.ts';
import { byOrder, targetOrder } from '../../../activities/fleet/target-order.ts';
import { eventually } from '../../support/eventually.ts';
import { offer as offerWave, preparedRun } from '../../support/fleet/fleet-runs.ts';
import { openFleetWorld, things, type Attempt, type FleetWorld } from '../../support/fleet/fleet-world.ts';
import { percentWaves } from '../../support/fleet/plan-builder.ts';
import { isOffline, playedDevices, succeeds, type PlayedDevices } from '../../support/fleet/played-devices.ts';

const HOUR_MS = 3_600_000;

let world: FleetWorld;
let firmware: PlannedFirmware;
let devices: PlayedDevices;
let aheadMs = 0;
let stopLiving: () => Promise<void> = () => Promise.resolve();
const running: Attempt<WaveOutcome>[] = [];

beforeAll(async () => {
  world = await openFleetWorld();
  firmware = await world.addFirmware('1.1.0');
  devices = playedDevices(world.pool);
});
afterAll(() => world.close());
beforeEach(() => {
  aheadMs = 0;
  return world.pool.query(
    'truncate devices, rollouts, rollout_targets, jobs, job_executions, job_counters, evidence, groups',
  );
});
afterEach(async () => {
  for (const one of running) one.cancel();
  await Promise.allSettled(running.splice(0).map((one) => one.result));
  await stopLiving();
});

/** An offer whose deadline is an hour away, by a clock that `aheadMs` puts forward. */
function offer(ref: RunRef, wave: number, changes: Partial<OfferWaveInput> = {}): Attempt<WaveOutcome> {
  const one = offerWave({ ...world, now: () => Date.now() + aheadMs }, { ...ref, wave, ...changes });
  running.push(one);
  return one;
}

const prepared = (names: readonly string[], ...percentages: number[]): Promise<RunRef> =>
  preparedRun(world, firmware, { names, waves: percentWaves(...percentages) });

/** The waves of the run's targets, by name. */
async function waves(run: string): Promise<Record<string, number | null>> {
  const { rows } = await world.pool.query<{ thing: string; wave: number | null }>(
    'select thing, wave from rollout_targets where run_id = $1 order by thing',
    [run],
  );
  return Object.fromEntries(rows.map(({ thing, wave }) => [thing, wave]));
}

const join = (thing: string, changes: Parameters<FleetWorld['addDevices']>[1] = {}): Promise<void> =>
  world.addDevices([thing], changes);

describe('a late joiner', () => {
  it('lands in the last wave, once, and is released with it', async () => {
    await world.pool.query(`insert into groups (name, filter) values ('site-a', 'device.tags.site == "a"')`);
    await world.addDevices(things(10), { tags: { site: 'a' } });
    await world.addDevices(['elsewhere'], { tags: { site: 'b' } });
    const selection = { groups: ['site-a'], devices: 10, alreadyCurrent: 0 };
    const ref = await preparedRun(world, firmware, { waves: percentWaves(50, 100), selection });
    const away = Object.entries(await waves(ref.run)).find(([, wave]) => wave === 1)?.[0];
    stopLiving = devices.live((thing) => (thing === away ? isOffline : succeeds));
    const first = offer(ref, 1, { successThresholdPercent: 100 });
    await world.addDevices(['joiner', 'stranger'], { tags: { site: 'a' } });
    await world.pool.query(
      `update devices set tags = '{"site":"a"}', revision = nextval('device_revision') where thing = 'elsewhere'`,
    );
    await eventually(async () => expect(await waves(ref.run)).toMatchObject({ joiner: 2, stranger: 2, elsewhere: 2 }));
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
    offer(ref, 1);
    await join('quick');
    await eventually(async () => expect(await waves(ref.run)).toHaveProperty('quick'));
    await slow.query('commit');
    slow.release();
    await eventually(async () => expect(await waves(ref.run)).toHaveProperty('slow'));
  });

  it('that the firmware does not fit is not admitted', async () => {
    const ref = await prepared(things(2), 100);
    offer(ref, 1);
    await join('misfit', { hardware: 'edge-z' });
    await join('fitting');
    await eventually(async () => expect(await waves(ref.run)).toEqual({ 'd-001': 1, 'd-002': 1, fitting: 1 }));
  });

  it('takes only the share of the grown fleet that the plan takes, whoever looks', async () => {
    const ref = await prepared(things(10), 10, 50);
    const joiners = things(10, 'j');
    await world.addDevices(joiners);
    offer(ref, 1);
    offer(ref, 1);
    await eventually(async () => expect(Object.keys(await waves(ref.run))).toHaveLength(20));
    const inOrder = joiners.map((thing) => ({ thing, order: targetOrder(ref.run, thing) })).sort(byOrder);
    const taken = inOrder.slice(0, 5).map(({ thing }) => [thing, 2]);
    const left = inOrder.slice(5).map(({ thing }) => [thing, null]);
    expect(await waves(ref.run)).toMatchObject(Object.fromEntries([...taken, ...left]) as object);
  });

  it('is counted by whoever admits others at the same time', async () => {
    const ref = await prepared(things(4), 50);
    const row = { thing: 'j-001', order: 1n, wave: 1, previousFirmware: '1.0.0', skipReason: null };
    let other: Promise<{ total: number }> | undefined;
    await inTransaction(world.pool, async (connection) => {
      await lockTargets(connection, ref.run, []);
      await insertTargets(connection, ref.run, [row]);
      other = inTransaction(world.pool, (beside) => lockTargets(beside, ref.run, ['j-001']));
      await eventually(async () => {
        const { rowCount } = await world.pool.query(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        expect(rowCount).toBe(1);
      });
    });
    expect(await other).toEqual({ total: 5, perWave: new Map([[1, 3]]), known: new Set(['j-001']) });
  });

  it('joins no wave whose filter or list does not name it', async () => {
    await world.addDevices(things(2));
    const plan: WaveSelection[] = [
      { kind: 'devices', things: ['d-001', 'named'] },
      { kind: 'filter', filter: 'device.tags.site == "b"' },
    ];
    const ref = await preparedRun(world, firmware, { waves: plan });
    offer(ref, 1);
    await world.addDevices(['named', 'other']);
    await world.addDevices(['filtered'], { tags: { site: 'b' } });
    await eventually(async () =>
      expect(await waves(ref.run)).toEqual({ 'd-001': 1, 'd-002': null, named: 1, other: null, filtered: 2 }),
    );
  });

  it('stands under the same rate limit as all others', async () => {
    const ref = await prepared(things(30), 100);
    await world.addDevices(things(30, 'j'));
    offer(ref, 1, { maximumPerMinute: 600 });
    const released = async (): Promise<number[]> => {
      const { rows } = await world.pool.query<{ at: number }>(
        `select extract(epoch from released_at)::float8 as at from rollout_targets
         where run_id = $1 and released_at is not null order by 1`,
        [ref.run],
      );
      return rows.map(({ at }) => at);
    };
    const at = await eventually(async () => {
      const all = await released();
      expect(all).toHaveLength(60);
      return all;
    });
    // A first burst of at most 10, and from then on 600 in 61 seconds.
    const spanS = (at.at(-1) ?? 0) - (at[0] ?? 0);
    expect(at.length).toBeLessThanOrEqual(Math.ceil(spanS * (600 / 61)) + 10);
  });

  it('that runs the version already is counted, not offered', async () => {
    const ref = await prepared(things(2), 100);
    const wave = offer(ref, 1);
    await join('current', { firmware: '1.1.0' });
    await eventually(async () => expect(await waves(ref.run)).toHaveProperty('current'));
    aheadMs = 2 * HOUR_MS;
    expect((await wave.result).counts).toMatchObject({ offered: 2, skipped: 1 });
  });
});
