// A wave of real rows in which nothing moves, on a clock of the test's own.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlannedFirmware } from '#domain/plan/plan.ts';
import type { RunRef, WaveOutcome } from '#domain/ports/fleet.port.ts';
import type { FleetDeps } from '../../../activities/fleet/deps.ts';
import { eventually } from '../../support/eventually.ts';
import { offer, preparedRun } from '../../support/fleet/fleet-runs.ts';
import { openFleetWorld, things, type Attempt, type FleetWorld } from '../../support/fleet/fleet-world.ts';
import { begins, isOffline, playedDevices, succeeds, type PlayedDevices } from '../../support/fleet/played-devices.ts';

let world: FleetWorld;
let firmware: PlannedFirmware;
let devices: PlayedDevices;
let stopLiving: () => Promise<void> = () => Promise.resolve();
/** Each look at the clock is a second after the one before. */
let clock: { readonly deps: FleetDeps; readonly seconds: () => number };

beforeAll(async () => {
  world = await openFleetWorld();
  firmware = await world.addFirmware('1.1.0');
  devices = playedDevices(world.pool);
});
afterAll(() => world.close());
beforeEach(async () => {
  let looks = 0;
  const beganAt = Date.now();
  clock = { deps: { ...world, now: () => beganAt + 1_000 * (looks += 1) }, seconds: () => looks };
  await world.pool.query('truncate devices, rollouts, rollout_targets, jobs, job_executions, job_counters, evidence');
});
afterEach(() => stopLiving());

const HOUR_MS = 3_600_000;
const far = () => ({ deadlineAt: new Date(Date.now() + 1_000 * HOUR_MS).toISOString() });
const stalling = (ref: RunRef, progressDeadlineMs: number, info = {}): Attempt<WaveOutcome> =>
  offer(clock.deps, { ...ref, ...far(), progressDeadlineMs }, info);

describe('a wave in which nothing moves', () => {
  it('is stopped at its progress deadline, holds what is queued and names whom it waits for', async () => {
    const ref = await preparedRun(world, firmware, { names: things(10) });
    stopLiving = devices.live((thing) => (thing <= 'd-006' ? succeeds : thing === 'd-007' ? begins() : isOffline));
    const outcome = await stalling(ref, 40_000).result;
    if (outcome.kind !== 'stalled') throw new Error(outcome.kind);
    expect(outcome.counts).toMatchObject({ offered: 10, succeeded: 6, inProgress: 1, queued: 3 });
    expect(outcome.summary).toMatch(
      /^wave 1: no progress within 40 s: nothing moved since \d{4}-.*Z, 4 devices waited for \(3 not begun, 1 in progress\)$/,
    );
    const { rows } = await world.pool.query<{ body: { examples: object[] } }>(
      'select step, body from evidence where evidence_id = $1',
      [outcome.evidence],
    );
    expect(rows).toMatchObject([
      { step: 'wave 1', body: { summary: outcome.summary, deadlineMs: 40_000, waitedFor: 4, inProgress: 1 } },
    ]);
    expect(rows[0]?.body.examples).toEqual([
      { thing: 'd-007', status: 'IN_PROGRESS' },
      ...['d-008', 'd-009', 'd-010'].map((thing) => ({ thing, status: 'QUEUED' })),
    ]);
    expect(await devices.startNext('d-008')).toBeNull();
  });

  it('goes on while a device now and then begins or ends', async () => {
    const ref = await preparedRun(world, firmware, { names: things(5) });
    const under = stalling(ref, 60_000);
    for (const thing of things(5)) {
      const before = clock.seconds();
      await eventually(async () => expect(clock.seconds()).toBeGreaterThan(before + 3));
      await devices.play(thing, succeeds);
    }
    expect(await under.result).toMatchObject({ kind: 'passed', counts: { succeeded: 5 } });
  });

  it('that has enough successes waits for the others until its own deadline', async () => {
    const ref = await preparedRun(world, firmware, { names: things(10) });
    stopLiving = devices.live((thing) => (thing === 'd-010' ? isOffline : succeeds));
    const soon = { ...ref, progressDeadlineMs: 2_000, deadlineAt: new Date(Date.now() + 60_000).toISOString() };
    expect(await offer(clock.deps, soon).result).toMatchObject({ kind: 'passed', counts: { succeeded: 9, queued: 1 } });
  });

  it('is stopped by the next attempt when its worker dies with the offers held', async () => {
    const ref = await preparedRun(world, firmware, { names: things(3) });
    const dies = (at: string) => (at === 'offers-held' ? Promise.reject(new Error('died')) : Promise.resolve());
    const wish = { ...ref, ...far(), progressDeadlineMs: 3_000 };
    const noted: unknown[] = [];
    const first = offer({ ...clock.deps, reached: dies }, wish);
    first.hearts.on('heartbeat', (details) => noted.push(details));
    await expect(first.result).rejects.toThrow('died');
    expect(await devices.startNext('d-001')).toBeNull();
    const second = await offer(clock.deps, wish, { heartbeatDetails: noted.at(-1) }).result;
    expect(second).toMatchObject({ kind: 'stalled', counts: { offered: 3, queued: 3 } });
    expect(await devices.startNext('d-001')).toBeNull();
  });

  it('is known to the next attempt when a worker dies: the time before counts, that in between does not', async () => {
    const ref = await preparedRun(world, firmware, { names: things(4) });
    const first = stalling(ref, HOUR_MS);
    const noted: { still?: { stillMs: number; since: string } }[] = [];
    first.hearts.on('heartbeat', (details: (typeof noted)[number]) => noted.push(details));
    await eventually(async () => expect(noted.at(-1)?.still?.stillMs).toBeGreaterThan(2_000));
    first.abandon('workerShutdown');
    await Promise.allSettled([first.result]);
    const still = noted.at(-1)?.still;
    const aged = { still: { ...still, stillMs: HOUR_MS - 12_000, seenAt: '2026-01-01T00:00:00.000Z' } };
    const outcome = await stalling(ref, HOUR_MS, { heartbeatDetails: aged }).result;
    expect(outcome).toMatchObject({
      kind: 'stalled',
      summary: expect.stringContaining(String(still?.since)) as string,
    });
  });
});
