import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoreRequest } from '#domain/fleet/job-execution-request.ts';
import type { Outcome } from '#domain/ports/job-store.port.ts';
import { Complaints } from '../../../client/devices/gateway/complaints.ts';
import { DeviceService } from '../../../client/devices/gateway/device-service.ts';
import { NO_HOOKS } from '../../../client/devices/gateway/gateway-hooks.ts';
import type { Message } from '../../../client/devices/gateway/reply.ts';
import { eventually } from '../../support/eventually.ts';
import { MemoryJobStore } from '../../support/fakes/memory-job-store.ts';
import { jobInfo } from '../../support/gateway/executions.ts';

/** Applies nothing while `gate` is closed. */
class GatedStore extends MemoryJobStore {
  batches = 0;
  #isOpen = true;
  #waiting: (() => void)[] = [];

  close(): void {
    this.#isOpen = false;
  }

  open(): void {
    this.#isOpen = true;
    for (const go of this.#waiting.splice(0)) go();
  }

  override async applyBatch(
    slot: number,
    requests: readonly StoreRequest[],
    nowMs: number,
  ): Promise<readonly Outcome[]> {
    this.batches += 1;
    if (!this.#isOpen) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return super.applyBatch(slot, requests, nowMs);
  }
}

class Broker {
  readonly sent: Message[] = [];
  readonly flow: string[] = [];
  publish(message: Message): void {
    this.sent.push(message);
  }
  pause(): void {
    this.flow.push('pause');
  }
  resume(): void {
    this.flow.push('resume');
  }
  codes(): string[] {
    return this.sent.flatMap(({ payload }) => (JSON.parse(payload) as { code?: string }).code ?? []);
  }
}

let store: GatedStore;
let broker: Broker;
let service: DeviceService;
const log = pino({ level: 'silent' });
const make = () =>
  new DeviceService({
    store,
    broker,
    isRequestAtFault: () => true,
    hooks: NO_HOOKS,
    log,
    complaints: new Complaints(log),
  });
const ask = (thing: string, rest: string, body: object = {}) =>
  service.receive(`$aws/things/${thing}/jobs/${rest}`, Buffer.from(JSON.stringify(body)));

beforeEach(() => {
  store = new GatedStore();
  store.addJob(jobInfo(1));
  store.release(1, ['a'], Date.now());
  broker = new Broker();
  service = make();
  service.activate();
});
afterEach(async () => {
  store.open();
  await service.stop();
});

describe('with more requests than it can answer', () => {
  it('refuses progress above 5,000, but takes the ends of jobs', async () => {
    store.close();
    for (let index = 0; index < 5_000; index += 1) ask(`t${index}`, 'get');
    ask('a', 'exe_test-w1/update', { status: 'IN_PROGRESS', clientToken: 'p' });
    expect(broker.sent).toMatchObject([{ topic: '$aws/things/a/jobs/exe_test-w1/update/rejected' }]);
    expect(broker.codes()).toEqual(['RequestThrottled']);
    ask('a', 'exe_test-w1/update', { status: 'SUCCEEDED' });
    store.open();
    await eventually(() => expect(store.row('a', 1)?.status).toBe(2));
  });

  it('reads no more above 20,000, until half of them are answered', async () => {
    store.close();
    for (let index = 0; index < 20_010; index += 1) ask(`t${index}`, 'get');
    expect(broker.flow).toEqual(['pause']);
    store.open();
    await eventually(() => expect(broker.flow).toEqual(['pause', 'resume']));
    await eventually(() => expect(broker.sent).toHaveLength(20_010));
  });
});

describe('while the shard may be somebody else’s', () => {
  it('answers nothing, and goes on with what it has when the shard is its own again', async () => {
    service.suspend();
    ask('a', 'start-next');
    expect(service.counts().queued).toBe(1);
    service.activate();
    await eventually(() => expect(broker.sent).toHaveLength(1));
    expect(store.row('a', 1)?.status).toBe(1);
  });

  it('keeps the answer of an open batch to itself', async () => {
    store.close();
    ask('a', 'start-next');
    await eventually(() => expect(store.batches).toBe(1));
    service.suspend();
    store.open();
    await eventually(() => expect(service.counts().queued).toBe(0));
    expect(broker.sent).toEqual([]);
  });
});

it('answers InternalError to a request that the store cannot apply, and the rest as ever', async () => {
  store.applyBatch = async (_slot, requests) => {
    if (requests.some(({ thing }) => thing === 'bad')) throw new Error('cannot');
    return requests.map(() => ({ answer: { kind: 'accepted', body: { timestamp: 1 } }, notices: [] }));
  };
  for (const thing of ['good', 'bad', 'fine']) ask(thing, 'get', { clientToken: thing });
  await eventually(() => expect(broker.sent).toHaveLength(3));
  expect(broker.codes()).toEqual(['InternalError']);
  expect(service.counts()).toMatchObject({ answered: 3, refused: 1 });
});
