import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PlannedFirmware } from '#domain/plan/plan.ts';
import type { RollbackCriteria } from '#domain/plan/plan-base.ts';
import type { HealthCheck } from '#domain/plan/health-check.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import type { WatchInput } from '#domain/ports/watch.port.ts';
import { createPool } from '../../../activities/adapters/postgres/pool.ts';
import { createWatchActivities } from '../../../activities/watch/watch.activities.ts';
import { offeredRun } from '../../support/fleet/fleet-runs.ts';
import { attempt, openFleetWorld, things, type FleetWorld } from '../../support/fleet/fleet-world.ts';
import { fails, playedDevices, succeeds } from '../../support/fleet/played-devices.ts';

const MINUTE_MS = 60_000;
let world: FleetWorld;
let firmware: PlannedFirmware;
let service: Server;
let status = 200;
let health: HealthCheck;

beforeAll(async () => {
  world = await openFleetWorld();
  firmware = await world.addFirmware('1.1.0');
  service = createServer((_request, response) => {
    // Status 0: the service takes the request and never answers.
    if (status !== 0) response.writeHead(status).end('seen');
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}/`;
  health = { type: 'http', name: 'api', url, method: 'GET', timeoutMs: 2_000, expectedStatus: 200, retryCount: 0 };
});
afterAll(async () => {
  service.closeAllConnections();
  service.close();
  await world.close();
});
beforeEach(() => {
  status = 200;
  return world.pool.query('truncate devices, rollouts, rollout_targets, jobs, job_executions, job_counters, evidence');
});

const watching = (ref: RunRef, criteria: Partial<RollbackCriteria> = {}): WatchInput => ({
  ...ref,
  watch: {
    everyMs: 5_000,
    healthChecks: [health],
    criteria: { maxFailureRatePercent: 10, minimumExecuted: 10, onHealthCheckFailure: true, ...criteria },
  },
});

/** A run of ten devices of which the first `bad` failed. */
async function rollout(bad: number): Promise<RunRef> {
  const ref = await offeredRun(world, firmware, { names: things(10) });
  const devices = playedDevices(world.pool);
  for (const [index, thing] of things(10).entries()) await devices.play(thing, index < bad ? fails() : succeeds);
  return ref;
}

async function failureOf(result: Promise<unknown>): Promise<ApplicationFailure> {
  try {
    await result;
  } catch (error) {
    if (error instanceof ApplicationFailure) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

const watch = (input: WatchInput, info = {}) => attempt(createWatchActivities(world).watchCriteria, input, info);
const once = (input: WatchInput) => attempt(createWatchActivities(world).lookOnce, input).result;

describe('a look at the criteria', () => {
  it('that finds nothing asks for the next one without noise', async () => {
    const failure = await failureOf(watch(watching(await rollout(1)), { attempt: 36 }).result);
    expect(failure).toMatchObject({
      type: 'NOTHING_YET',
      message: 'look 36: within limits',
      nonRetryable: false,
      category: ApplicationFailureCategory.BENIGN,
      nextRetryDelay: 5_000,
    });
  });

  it('is calm after ten minutes', async () => {
    const times = { scheduledTimestampMs: 1_000, currentAttemptScheduledTimestampMs: 1_000 + 11 * MINUTE_MS };
    const failure = await failureOf(watch(watching(await rollout(0)), times).result);
    expect(failure.nextRetryDelay).toBe(30_000);
  });

  it('finds the failure rate over its limit, with evidence', async () => {
    const verdict = await watch(watching(await rollout(3))).result;
    const summary = 'failure rate 30 % > 10 %: 3 of 10 devices failed';
    expect(verdict).toMatchObject({ kind: 'unhealthy', criterion: 'failure-rate', failureRatePercent: 30, summary });
    const { rows } = await world.pool.query<{ body: { examples: unknown[] } }>('select body from evidence');
    expect(rows[0]?.body.examples).toHaveLength(3);
  });

  it('finds a failed health check, with what was answered', async () => {
    status = 500;
    const verdict = await once(watching(await rollout(0)));
    const summary = 'health check failed: api: 500 instead of 200';
    expect(verdict).toMatchObject({ kind: 'unhealthy', criterion: 'health-check', summary });
    const { rows } = await world.pool.query('select step, body from evidence');
    expect(rows).toMatchObject([{ step: 'watch', body: { checks: [{ seen: { status: 500, answer: 'seen' } }] } }]);
  });

  it('finds a service that never answers before the look itself runs out of time', async () => {
    status = 0;
    const ref = await rollout(0);
    const patient = { ...health, timeoutMs: 300_000, retryCount: 3 };
    const input = watching(ref);
    const watched = { ...input, watch: { ...input.watch, healthChecks: [patient] } };
    const info = { startToCloseTimeoutMs: 1_500 };
    const verdict = await attempt(createWatchActivities(world).lookOnce, watched, info).result;
    expect(verdict).toMatchObject({ kind: 'unhealthy', criterion: 'health-check' });
  });

  it('leaves out what is not watched', async () => {
    status = 500;
    const ref = await rollout(9);
    const nothing = { maxFailureRatePercent: null, onHealthCheckFailure: false };
    expect(await once(watching(ref, nothing))).toEqual({ kind: 'healthy' });
  });

  it('says healthy at once when asked once', async () => {
    expect(await once(watching(await rollout(1)))).toEqual({ kind: 'healthy' });
  });
});

describe('a watch that cannot read the criteria', () => {
  const ref = { run: 'exe_1', planId: 'plan_1', digest: 'd' };
  const blind = (heartbeatDetails: unknown, currentAttemptScheduledTimestampMs: number) => {
    const pool = createPool('postgresql://postgres@127.0.0.1:1/sluice');
    const info = { heartbeatDetails, currentAttemptScheduledTimestampMs };
    return attempt(createWatchActivities({ ...world, pool }).watchCriteria, watching(ref), info);
  };

  it('looks again, and leaves word of how long it has been so', async () => {
    const look = blind({ looks: 1, sinceMs: 1_000 }, 6_000);
    const left = new Promise((resolve) => look.hearts.once('heartbeat', resolve));
    expect(await failureOf(look.result)).toMatchObject({
      type: 'WATCH_BLIND',
      nonRetryable: false,
      nextRetryDelay: 5_000,
    });
    expect(await left).toEqual({ looks: 2, sinceMs: 1_000 });
  });

  it('says so after several looks and some minutes', async () => {
    const verdict = await blind({ looks: 80, sinceMs: 1_000 }, 1_000 + 6 * MINUTE_MS).result;
    expect(verdict).toMatchObject({ kind: 'inconclusive', why: expect.stringContaining('81 looks') as string });
  });

  it('looks again before an effect as well, whatever is in the way', async () => {
    const ref = await rollout(0);
    const [check] = [{ type: 'mqtt', name: 'link', broker: 'mqtt://127.0.0.1:1', topic: 't', timeoutMs: 100 } as const];
    const credentials = { username: 'ada', password: { secretRef: 'env:NOT_SET' } };
    const watch = { ...watching(ref).watch, healthChecks: [{ ...check, retryCount: 0, credentials }] };
    expect(await failureOf(once({ ...ref, watch }))).toMatchObject({
      type: 'WATCH_BLIND',
      nonRetryable: false,
      message: expect.stringContaining('env:NOT_SET') as string,
    });
  });

  it('forgets it after a look that saw', async () => {
    const look = watch(watching(await rollout(0)), { heartbeatDetails: { looks: 4, sinceMs: 1_000 } });
    const left = new Promise((resolve) => look.hearts.once('heartbeat', resolve));
    await failureOf(look.result);
    expect(await left).toBeNull();
  });
});
