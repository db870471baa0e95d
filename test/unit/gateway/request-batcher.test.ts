import { afterEach, describe, expect, it, vi } from 'vitest';
import type { StoreRequest } from '#domain/fleet/job-execution-request.ts';
import type { Outcome } from '#domain/ports/job-store.port.ts';
import { RequestBatcher } from '../../../client/devices/gateway/request-batcher.ts';
import { eventually } from '../../support/eventually.ts';
import { getPending } from '../../support/gateway/executions.ts';

afterEach(() => void vi.useRealTimers());

const NOTHING: Outcome = { answer: { kind: 'none' }, notices: [] };
const isRequestAtFault = (error: unknown): boolean => (error as Error).message.startsWith('bad');

/** A store that applies a batch only when told to. */
class SlowStore {
  readonly batches: StoreRequest[][] = [];
  readonly #open: ((result: Error | null) => void)[] = [];

  async applyBatch(_slot: number, requests: readonly StoreRequest[]): Promise<readonly Outcome[]> {
    this.batches.push([...requests]);
    const failure = await new Promise<Error | null>((resolve) => this.#open.push(resolve));
    if (failure) throw failure;
    return requests.map(() => NOTHING);
  }

  async finish(failure: Error | null = null): Promise<void> {
    await eventually(() => expect(this.#open).not.toEqual([]));
    this.#open.shift()?.(failure);
  }

  get sizes(): number[] {
    return this.batches.map((batch) => batch.length);
  }
}

function setUp() {
  const store = new SlowStore();
  const done: string[] = [];
  const failed: string[] = [];
  const batcher = new RequestBatcher({
    store,
    isRequestAtFault,
    now: Date.now,
    onDone: ({ thing, clientToken }) => done.push(`${thing} ${clientToken}`),
    onFailed: ({ thing }) => failed.push(thing),
    onRetry: () => undefined,
    onCommitted: () => undefined,
  });
  const ask = (thing: string, clientToken = '1') => batcher.add(getPending({ thing, clientToken }));
  return { store, done, failed, batcher, ask };
}

describe('batches', () => {
  it('clock themselves: what comes while both slots write is the next batch', async () => {
    const { store, ask, done } = setUp();
    ask('a');
    await eventually(() => expect(store.sizes).toEqual([1]));
    ask('b');
    await eventually(() => expect(store.sizes).toEqual([1, 1]));
    for (const thing of ['c', 'd', 'e']) ask(thing);
    await store.finish();
    await eventually(() => expect(store.sizes).toEqual([1, 1, 3]));
    await store.finish();
    await store.finish();
    await eventually(() => expect(done).toHaveLength(5));
  });

  it('hold 500 requests at most', async () => {
    const { store, ask } = setUp();
    for (let index = 0; index < 1_200; index += 1) ask(`t${index}`);
    await eventually(() => expect(store.sizes).toEqual([500, 500]));
    await store.finish();
    await eventually(() => expect(store.sizes).toEqual([500, 500, 200]));
  });

  it('gather in a crowd: for half a millisecond per request of the last batch, or until enough have come', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const { store, ask } = setUp();
    const askAll = (count: number, prefix: string) => {
      for (let index = 0; index < count; index += 1) ask(`${prefix}${index}`);
    };
    askAll(100, 'a');
    await vi.advanceTimersByTimeAsync(1);
    await store.finish();
    askAll(1, 'b');
    await vi.advanceTimersByTimeAsync(45);
    askAll(1, 'c');
    expect(store.sizes).toEqual([100]);
    await vi.advanceTimersByTimeAsync(5);
    expect(store.sizes).toEqual([100, 2]);
    askAll(1, 'd');
    await vi.advanceTimersByTimeAsync(1);
    expect(store.sizes).toEqual([100, 2, 1]);
    await store.finish();
    await store.finish();
    askAll(100, 'e');
    await vi.advanceTimersByTimeAsync(1);
    askAll(400, 'f');
    await vi.advanceTimersByTimeAsync(1);
    expect(store.sizes).toEqual([100, 2, 1, 100, 400]);
  });

  it('hold a thing once, so that its requests keep their order', async () => {
    const { store, ask, done } = setUp();
    for (const token of ['1', '2', '3']) ask('a', token);
    ask('b');
    for (let batch = 0; batch < 3; batch += 1) await store.finish();
    await eventually(() => expect(done).toHaveLength(4));
    expect(done.filter((line) => line.startsWith('a'))).toEqual(['a 1', 'a 2', 'a 3']);
    expect(store.batches.every((batch) => new Set(batch.map(({ thing }) => thing)).size === batch.length)).toBe(true);
  });
});

describe('a failed batch', () => {
  it('is repeated whole when the store is away', async () => {
    const { store, ask, done, batcher } = setUp();
    ask('a');
    ask('b');
    await store.finish(new Error('away'));
    await store.finish();
    await eventually(() => expect(done).toEqual(['a 1', 'b 1']));
    expect(batcher.size).toBe(0);
  });

  it('is tried one by one when a request is at fault: only that one fails', async () => {
    const { store, ask, done, failed, batcher } = setUp();
    for (const thing of ['a', 'b', 'c']) ask(thing);
    await store.finish(new Error('bad batch'));
    await store.finish();
    await store.finish(new Error('bad b'));
    await store.finish();
    await eventually(() => expect(done).toEqual(['a 1', 'c 1']));
    expect(failed).toEqual(['b']);
    await eventually(() => expect(batcher.size).toBe(0));
  });

  it('one by one goes back to the queue from where the store went away', async () => {
    const { store, ask, done } = setUp();
    for (const thing of ['a', 'b']) ask(thing);
    await store.finish(new Error('bad batch'));
    await store.finish();
    await store.finish(new Error('away'));
    await store.finish();
    await eventually(() => expect(done).toEqual(['a 1', 'b 1']));
  });
});

describe('suspended', () => {
  it('begins nothing and forgets nothing', async () => {
    const { store, ask, done, batcher } = setUp();
    batcher.suspend();
    ask('a');
    await batcher.settled();
    expect(store.sizes).toEqual([]);
    expect(batcher.size).toBe(1);
    batcher.resume();
    await store.finish();
    await eventually(() => expect(done).toEqual(['a 1']));
  });

  it('and dropped, it forgets all but the open batches', async () => {
    const { store, ask, done, batcher } = setUp();
    ask('a', '1');
    await eventually(() => expect(store.sizes).toEqual([1]));
    batcher.suspend();
    ask('a', '2');
    ask('b');
    ask('b', '2');
    batcher.drop();
    expect(batcher.size).toBe(1);
    const settled = batcher.settled();
    await store.finish();
    await settled;
    expect(done).toEqual(['a 1']);
    expect(batcher.size).toBe(0);
  });

  it.each([
    ['as a whole', [new Error('away')]],
    ['one by one', [new Error('bad batch'), null, new Error('away')]],
  ])('and dropped, it does not repeat a batch that failed %s', async (_how, results) => {
    const { store, ask, batcher, done } = setUp();
    for (const thing of ['a', 'b']) ask(thing, 'old');
    await eventually(() => expect(store.sizes).toEqual([2]));
    batcher.suspend();
    ask('b', 'older');
    batcher.drop();
    // The shard is ours again before the batch is known to have failed.
    batcher.resume();
    ask('b', 'new');
    for (const result of results) await store.finish(result);
    await store.finish();
    await eventually(() => expect(batcher.size).toBe(0));
    expect(store.batches.at(-1)).toMatchObject([{ thing: 'b', clientToken: 'new' }]);
    expect(done.filter((line) => line.startsWith('b'))).toEqual(['b new']);
  });
});
