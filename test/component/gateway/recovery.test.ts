import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JobInfo } from '#domain/fleet/job-execution.ts';
import { eventually } from '../../support/eventually.ts';
import { addJob, countedRows, counts, release } from '../../support/gateway/database-fleet.ts';
import { DeviceCrowd } from '../../support/gateway/device-crowd.ts';
import { GatewayBed } from '../../support/gateway/gateway-bed.ts';
import { startGatewayProcess } from '../../support/gateway/gateway-process.ts';
import { startPostgres, type PostgresServer } from '../../support/servers/postgres.ts';
import type { ServerProcess } from '../../support/servers/server-process.ts';

const DEVICES = 300;
const things = Array.from({ length: DEVICES }, (_, index) => `d${index}`);
const allSucceeded = [0, 0, DEVICES, 0, 0, 0, 0];

let postgres: PostgresServer;
let bed: GatewayBed;
let crowd: DeviceCrowd;
let gateway: ServerProcess;
let job: JobInfo;

beforeAll(async () => {
  postgres = await startPostgres();
  bed = await GatewayBed.open(postgres.url);
  gateway = await startGatewayProcess(bed.settings);
  await bed.register(things);
});
afterAll(async () => {
  await gateway.stop();
  await bed.close();
  await postgres.stop();
});
beforeEach(async () => {
  crowd = new DeviceCrowd({ url: bed.settings.mqttUrl, key: bed.key, things, repeatMs: 500, workMs: 2_000 });
  await eventually(() => expect(crowd.connected).toBe(DEVICES));
  job = await addJob(bed.pool, { version: `2.0.${Date.now()}` });
});
afterEach(() => crowd.close());

const done = async (): Promise<number> => (await counts(bed.pool, job))[2] ?? 0;

/** Acts when the first `some` devices are done, and those up to `upTo` set about it this very moment. */
async function whenDone(some: number, upTo: number, act: () => Promise<unknown>): Promise<void> {
  crowd.letFinish(some);
  await eventually(async () => expect(await done()).toBeGreaterThanOrEqual(some), 60_000);
  expect(await done()).toBeLessThan(upTo);
  crowd.letFinish(upTo);
  await act();
}

/** Every device succeeded by exactly three applied requests, and the counters know it. */
async function allExactlyOnce(): Promise<void> {
  await eventually(async () => expect(await counts(bed.pool, job)).toEqual(allSucceeded), 60_000);
  expect(await countedRows(bed.pool, job)).toEqual(allSucceeded);
  const { rows } = await bed.pool.query<{ version: number }>(
    'select distinct version_number as version from job_executions where job_seq = $1',
    [job.seq],
  );
  expect(rows).toEqual([{ version: 4 }]);
}

describe('a rollout in the middle of which', () => {
  it('nothing dies ends with each device once', async () => {
    crowd.letFinish(DEVICES);
    await release(bed.pool, job, things);
    await allExactlyOnce();
  });

  it('the broker is killed goes on: what was announced is announced again', async () => {
    await release(bed.pool, job, things);
    await whenDone(20, DEVICES, async () => {
      await bed.broker.kill();
      await bed.restartBroker();
    });
    await allExactlyOnce();
  });

  it('PostgreSQL is killed goes on: no queued request is lost', async () => {
    await release(bed.pool, job, things);
    await whenDone(20, DEVICES, async () => {
      await postgres.kill();
      postgres = await startPostgres({ port: postgres.port, folder: postgres.folder });
    });
    await allExactlyOnce();
  });

  it('the gateway is killed three times goes on: repeated requests are answered, not applied again', async () => {
    await release(bed.pool, job, things);
    for (const [some, upTo] of [
      [20, 100],
      [100, 200],
      [200, DEVICES],
    ] as const) {
      await whenDone(some, upTo, () => gateway.kill());
      gateway = await startGatewayProcess(bed.settings);
    }
    await allExactlyOnce();
  });

  it('a second gateway takes over when the first one dies', async () => {
    const second = await startGatewayProcess(bed.settings, { awaitsService: false });
    await eventually(() => expect(second.output()).toContain('standing by'));
    await release(bed.pool, job, things);
    await whenDone(20, DEVICES, () => gateway.kill());
    gateway = second;
    await allExactlyOnce();
    expect(second.output()).toContain('shard owned');
  });
});

it('a gateway that is told to stop answers what it has begun, and says nothing of errors', async () => {
  await release(bed.pool, job, things);
  await whenDone(20, DEVICES, () => gateway.stop());
  expect(gateway.output()).not.toMatch(/"level":"(error|fatal)"/);
  gateway = await startGatewayProcess(bed.settings);
  await allExactlyOnce();
});
