import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { STATUS } from '#domain/fleet/job-execution.ts';
import type { StoreRequest } from '#domain/fleet/job-execution-request.ts';
import { Complaints } from '../../../client/devices/gateway/complaints.ts';
import { DeviceService } from '../../../client/devices/gateway/device-service.ts';
import { NO_HOOKS } from '../../../client/devices/gateway/gateway-hooks.ts';
import { MemoryJobStore } from '../../support/fakes/memory-job-store.ts';
import { jobInfo, startNext, update } from '../../support/gateway/executions.ts';

const SECOND_MS = 1_000;
const DEADLINE_MS = 20 * SECOND_MS;
const thing = 'pump-1';

let jobs: MemoryJobStore;
let service: DeviceService;
let clientTokens = 0;

function startService(): void {
  const log = pino({ level: 'silent' });
  service = new DeviceService({
    store: jobs,
    broker: { publish: () => undefined, pause: () => undefined, resume: () => undefined },
    isRequestAtFault: () => false,
    hooks: NO_HOOKS,
    log,
    complaints: new Complaints(log),
  });
  service.activate();
}

async function stopService(): Promise<void> {
  const stopped = service.stop();
  await vi.runAllTimersAsync();
  await stopped;
}

/** Time passes, with all that is planned in it. */
const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * SECOND_MS);
const status = () => jobs.row(thing, 1)?.status;
const begin = () => jobs.applyBatch(0, [startNext({ thing })], Date.now());
const succeed = () => {
  clientTokens += 1;
  const report = update({ thing, jobId: jobInfo(1).jobId, status: 'SUCCEEDED', clientToken: String(clientTokens) });
  return jobs.applyBatch(0, [report], Date.now());
};

beforeEach(async () => {
  vi.useFakeTimers();
  jobs = new MemoryJobStore();
  jobs.addJob(jobInfo(1, { inProgressTimeoutMs: DEADLINE_MS }));
  jobs.release(1, [thing], Date.now());
});
afterEach(async () => {
  await stopService();
  vi.useRealTimers();
});

describe('deadlines', () => {
  it('count from a while after the gateway’s own start, once the broker is there', async () => {
    await begin();
    await pass(30);
    startService();
    await pass(10);
    expect(status()).toBe(STATUS.inProgress);
    service.brokerIsBack();
    await pass(14);
    expect(status()).toBe(STATUS.inProgress);
    await pass(3);
    expect(status()).toBe(STATUS.timedOut);
  });

  it('are enforced within a second or two while nothing is wrong', async () => {
    startService();
    service.brokerIsBack();
    await pass(60);
    await begin();
    await pass(19);
    expect(status()).toBe(STATUS.inProgress);
    await pass(3);
    expect(status()).toBe(STATUS.timedOut);
  });

  it.each([
    ['as long as the outage was', 40, 40],
    ['a minute after a long outage', 600, 60],
  ])('count again %s', async (_how, outage, grace) => {
    startService();
    service.brokerIsBack();
    await pass(60);
    await begin();
    service.brokerIsLost();
    await pass(outage);
    expect(status()).toBe(STATUS.inProgress);
    service.brokerIsBack();
    await pass(grace - 1);
    expect(status()).toBe(STATUS.inProgress);
    await pass(3);
    expect(status()).toBe(STATUS.timedOut);
  });

  it('let a device that rebooted in the outage report its success', async () => {
    startService();
    service.brokerIsBack();
    await pass(60);
    await begin();
    service.brokerIsLost();
    await pass(30);
    service.brokerIsBack();
    await pass(5);
    await succeed();
    await pass(120);
    expect(status()).toBe(STATUS.succeeded);
  });

  it('wait as well after the shard was in doubt, and a second loss does not shorten the wait', async () => {
    startService();
    service.brokerIsBack();
    await pass(60);
    await begin();
    service.suspend();
    await pass(50);
    service.activate();
    service.brokerIsBack();
    await pass(5);
    service.brokerIsLost();
    await pass(1);
    service.brokerIsBack();
    await pass(40);
    expect(status()).toBe(STATUS.inProgress);
    await pass(6);
    expect(status()).toBe(STATUS.timedOut);
  });
});

describe('a device that asks for its job again', () => {
  let heard: StoreRequest[] = [];
  /** Whether a start-next that comes now counts as a boot. */
  const countsNow = async () => {
    heard = [];
    service.receive(`$aws/things/${thing}/jobs/start-next`, Buffer.from('{}'));
    await pass(1);
    const [request] = heard;
    return request?.kind === 'start-next' ? request.countsAsBoot : null;
  };

  beforeEach(() => {
    jobs.applyBatch = async (_slot, requests) => {
      heard.push(...requests);
      return requests.map(() => ({ answer: { kind: 'none' }, notices: [] }));
    };
    startService();
    service.brokerIsBack();
  });

  it('has not booted for all that is known, while devices come back after the gateway’s start', async () => {
    expect(await countsNow()).toBe(false);
    await pass(28);
    expect(await countsNow()).toBe(false);
    await pass(1);
    expect(await countsNow()).toBe(true);
  });

  it.each([
    ['a short outage: half a minute, for devices wait before they connect again', 1, 30],
    ['a longer one: as long as that was', 50, 50],
    ['a long one: a minute', 600, 60],
  ])('has not booted either after %s', async (_which, outage, grace) => {
    await pass(60);
    service.brokerIsLost();
    await pass(outage);
    expect(await countsNow()).toBe(false);
    service.brokerIsBack();
    await pass(grace - 2);
    expect(await countsNow()).toBe(false);
    await pass(2);
    expect(await countsNow()).toBe(true);
  });
});
