import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlannedFirmware } from '#domain/plan/plan.ts';
import type { OfferWaveInput, RunRef, WaveOutcome } from '#domain/ports/fleet.port.ts';
import { eventually } from '../../support/eventually.ts';
import { offer as offerWave, preparedRun, inMs } from '../../support/fleet/fleet-runs.ts';
import { openFleetWorld, things, type Attempt, type FleetWorld } from '../../support/fleet/fleet-world.ts';
import { percentWaves } from '../../support/fleet/plan-builder.ts';
import { playedDevices, succeeds, type PlayedDevices } from '../../support/fleet/played-devices.ts';

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
  const one = offerWave(world, { ...ref, wave, ...changes });
  running.push(one);
  return one;
}

const prepared = (names: readonly string[], ...percentages: number[]): Promise<RunRef> =>
  preparedRun(world, firmware, { names, waves: percentWaves(...percentages) });

async function releasedAt(run: string): Promise<number[]> {
  const { rows } = await world.pool.query<{ at: number }>(
    `select (extract(epoch from released_at) * 1000)::float8 as at from rollout_targets
     where run_id = $1 and released_at is not null order by released_at`,
    [run],
  );
  return rows.map(({ at }) => at);
}

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
    const short = await offer(ref, 1, { maximumPerMinute: 61, deadlineAt: inMs(2_500) }).result;
    expect(short.kind).toBe('short');
    expect(short.counts.offered).toBeLessThan(10);
    expect(short.unreleased).toBe(10 - short.counts.offered);
    const rest = await offer(ref, 2).result;
    expect(rest).toMatchObject({ kind: 'passed', unreleased: 0 });
    expect(rest.counts.offered + short.counts.offered).toBe(20);
  });
});
