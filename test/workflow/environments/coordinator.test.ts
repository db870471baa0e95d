import { afterEach, describe, expect, it } from 'vitest';
import { LineWorld, type LinedRun } from '../../support/environments/line-world.ts';
import { approve, bake, DAY_MS, gate, HOUR_MS, offer } from '../../support/runs/plan-builder.ts';
import { endHold, takeHold } from '../../../workflows/environments/environment.messages.ts';
import { nightly } from '../../support/windows/coming-windows.ts';

let world: LineWorld;
afterEach(() => world.close());

const BAKING = { steps: [offer(1), bake(1, HOUR_MS), offer(2)] };
const SHOP = { subject: 'shop' };

/** In the order in which they got their first place. */
function turns(runs: readonly LinedRun[]): number[] {
  const begun = runs.map(({ run, ticket }) => {
    const entry = world.fleet.journal(run).find(({ summary }) => /it is its turn/.test(summary));
    return { ticket, at: entry?.at ?? '' };
  });
  return begun.toSorted((one, other) => one.at.localeCompare(other.at)).map(({ ticket }) => ticket);
}

describe('one application', () => {
  it('has one run at a time, in the order of the starts', async () => {
    world = await LineWorld.open();
    const first = await world.start({ plan: BAKING, place: SHOP });
    await first.journaled(/bake/);
    const second = await world.start({ plan: BAKING, place: SHOP });
    const third = await world.start({ plan: BAKING, place: SHOP });
    await world.untilBooks('two wait', ({ waiting }) => waiting.length === 2);
    expect(await world.books()).toMatchObject({ holders: [first.run], waiting: [second.run, third.run] });
    expect((await second.view()).state.phase).toBe('queued');
    const ends = await world.results([first, second, third]);
    expect(ends.map(({ phase }) => phase)).toEqual(['completed', 'completed', 'completed']);
    expect(turns([first, second, third])).toEqual([1, 2, 3]);
  });

  it('does not keep others waiting', async () => {
    world = await LineWorld.open();
    const first = await world.start({ plan: BAKING, place: SHOP });
    await first.journaled(/bake/);
    const second = await world.start({ plan: BAKING, place: SHOP });
    const other = await world.start({ plan: BAKING });
    await other.journaled(/bake/);
    expect((await second.view()).state.phase).toBe('queued');
  });

  it('is free again when a run that waits is cancelled, and it was never begun', async () => {
    world = await LineWorld.open();
    const first = await world.start({ plan: BAKING, place: SHOP });
    await first.journaled(/bake/);
    const second = await world.start({ plan: BAKING, place: SHOP });
    await world.untilBooks('one waits', ({ waiting }) => waiting.length === 1);
    await second.command('cancelRun');
    await world.untilBooks('nobody waits', ({ waiting }) => waiting.length === 0);
    const [end] = await world.results([second]);
    expect(end?.phase).toBe('cancelled');
    expect(world.fleet.journal(second.run).map(({ type }) => type)).not.toContain('step-started');
  });

  it('goes to a way back before those that have not begun', async () => {
    world = await LineWorld.open();
    const first = await world.start({ plan: BAKING, place: SHOP });
    await first.journaled(/bake/);
    const second = await world.start({ plan: BAKING, place: SHOP });
    const back = await world.start({ plan: BAKING, place: { ...SHOP, priority: 'rollback' } });
    await world.untilBooks('two wait', ({ waiting }) => waiting.length === 2);
    await world.results([first, back]);
    await world.untilBooks('the way back has left', ({ holders }) => holders.length === 0);
    await world.hold({ recorded: [{ subject: 'shop', run: back.run }] });
    await world.results([second]);
    expect(turns([first, second, back])).toEqual([1, 3, 2]);
  });
});

describe('a run that waits for people', () => {
  it('before its first effect has no place at all', async () => {
    world = await LineWorld.open();
    const asking = await world.start({ plan: { steps: [approve(), offer(1)] }, place: SHOP });
    await asking.journaled(/waits for/);
    const other = await world.start({ plan: BAKING, place: SHOP });
    await other.journaled(/bake/);
    await asking.command('decideGate', { gate: null, decision: 'approve', digest: null });
    await world.untilBooks('it queues', ({ waiting }) => waiting.includes(asking.run));
    const ends = await world.results([asking, other]);
    expect(ends.map(({ phase }) => phase)).toEqual(['completed', 'completed']);
  });

  it('in the middle keeps its application, and lets others be under way', async () => {
    world = await LineWorld.open();
    const middle = [offer(1), approve({ id: 'approve-2' }), offer(2)];
    const asking = await world.start({ plan: { steps: middle }, place: { ...SHOP, maximum: 1 } });
    await world.untilBooks('it rests', ({ resting }) => resting.includes(asking.run));
    const same = await world.start({ plan: BAKING, place: { ...SHOP, maximum: 1 } });
    const other = await world.start({ plan: BAKING, place: { maximum: 1 } });
    await other.journaled(/bake/);
    expect((await same.view()).state.phase).toBe('queued');
    await asking.command('decideGate', { gate: null, decision: 'approve', digest: null });
    await world.untilBooks('it wants to go on', ({ waiting }) => waiting[0] === asking.run);
    const ends = await world.results([asking, same, other]);
    expect(ends.map(({ phase }) => phase)).toEqual(['completed', 'completed', 'completed']);
  });

  it('may wait for a month and go on', async () => {
    world = await LineWorld.open();
    const asking = await world.start({ plan: { steps: [offer(1), approve({ id: 'approve-2' }), offer(2)] } });
    await world.untilBooks('it rests', ({ resting }) => resting.length === 1);
    await world.server.sleep(30 * DAY_MS);
    await asking.command('decideGate', { gate: null, decision: 'approve', digest: null });
    await asking.journaled(/^completed/);
  });
});

describe('a run that waits for its window', () => {
  it('before its first effect has no place, and takes its turn when it opens', async () => {
    world = await LineWorld.open();
    const parked = await world.start({ plan: BAKING, place: SHOP, windows: [nightly(5 * HOUR_MS, 300)] });
    await parked.journaled(/outside of/);
    const other = await world.start({ plan: BAKING, place: SHOP });
    await other.journaled(/bake/);
    expect(await world.books()).toEqual({ holders: [other.run], resting: [], waiting: [] });
    const ends = await world.results([parked, other]);
    expect(ends.map(({ phase }) => phase)).toEqual(['completed', 'completed']);
    expect(turns([parked, other])).toEqual([2, 1]);
  });

  it('in the middle keeps its application, and lets others be under way', async () => {
    world = await LineWorld.open();
    const steps = [offer(1), bake(1, 2 * HOUR_MS), offer(2)];
    const windows = [nightly(0, 60)];
    const parked = await world.start({ plan: { steps }, place: { ...SHOP, maximum: 1 }, windows });
    await parked.journaled(/bake/);
    await world.server.sleep(3 * HOUR_MS);
    await world.untilBooks('it rests', ({ resting }) => resting.includes(parked.run));
    const same = await world.start({ plan: BAKING, place: { ...SHOP, maximum: 1 } });
    const other = await world.start({ plan: BAKING, place: { maximum: 1 } });
    await other.journaled(/bake/);
    expect((await same.view()).state.phase).toBe('queued');
    const ends = await world.results([parked, same, other]);
    expect(ends.map(({ phase }) => phase)).toEqual(['completed', 'completed', 'completed']);
  });
});

describe('a paused run', () => {
  it('that waits for its turn lets others go first', async () => {
    world = await LineWorld.open();
    const first = await world.start({ plan: BAKING, place: SHOP });
    await first.journaled(/bake/);
    const second = await world.start({ plan: BAKING, place: SHOP });
    await world.untilBooks('one waits', ({ waiting }) => waiting.length === 1);
    await second.command('pauseRun');
    await world.untilBooks('nobody waits', ({ waiting }) => waiting.length === 0);
    const third = await world.start({ plan: BAKING, place: SHOP });
    await world.server.sleep(3 * HOUR_MS);
    expect((await third.view()).state.phase).toBe('completed');
    await second.command('resumeRun');
    const [end] = await world.results([second]);
    expect(end?.phase).toBe('completed');
  });
});

describe('a gate that people decide', () => {
  const policy = { quorum: 1, role: 'approver', expiresInMs: null };
  const manual = gate({ gate: 'user_acceptance_test', check: { run: 'manual', policy } });

  it('may be paused and resumed, and is asked for without a place', async () => {
    world = await LineWorld.open();
    const run = await world.start({ plan: { steps: [offer(1), manual, offer(2)] }, place: SHOP });
    await world.untilBooks('it rests', ({ resting }) => resting.includes(run.run));
    await run.command('pauseRun');
    await run.journaled(/paused/);
    await run.command('resumeRun');
    expect((await run.view()).state.phase).toBe('awaiting-approval');
    await run.command('decideGate', { gate: null, decision: 'approve', digest: null });
    await run.journaled(/^completed/);
  });
});

describe('the coordinator', () => {
  it('is opened by the first run that asks for a place', async () => {
    world = await LineWorld.open({ isOpen: false });
    const run = await world.start({ plan: { steps: [offer(1)] } });
    // The clock stands: nothing here takes time, and it would run away.
    await run.journaled(/^completed/);
    expect((await world.coordinator().describe()).status.name).toBe('RUNNING');
    await world.untilBooks('its place is free', ({ holders }) => holders.length === 0);
  });

  it('waits for no run that was started before it and has not begun', async () => {
    world = await LineWorld.open({ isReal: true, isOpen: false });
    await world.start({ isStuck: true });
    const first = await world.start({ plan: { steps: [offer(1)] } });
    await first.journaled(/^completed/);
    await world.coordinator().terminate('by mistake');
    await world.openAgain();
    const second = await world.start({ plan: { steps: [offer(1)] } });
    await second.journaled(/^completed/);
    expect(await world.books()).toEqual({ holders: [], resting: [], waiting: [] });
  });

  it('frees the place of a terminated holder within ten seconds', async () => {
    world = await LineWorld.open({ lookEveryMs: 3_000 });
    const first = await world.start({ plan: BAKING, place: SHOP });
    await first.journaled(/bake/);
    const second = await world.start({ plan: BAKING, place: SHOP });
    await world.untilBooks('one waits', ({ waiting }) => waiting.length === 1);
    await first.handle.terminate('gone');
    await world.server.sleep(10_000);
    expect((await world.books()).holders).toEqual([second.run]);
  });

  it('lets nobody wait for one that was terminated in the queue', async () => {
    world = await LineWorld.open({ lookEveryMs: 3_000 });
    const holder = await world.start({ plan: BAKING, place: SHOP });
    await holder.journaled(/bake/);
    const lost = await world.start({ plan: BAKING, place: SHOP });
    const third = await world.start({ plan: BAKING, place: SHOP });
    await world.untilBooks('two wait', ({ waiting }) => waiting.length === 2);
    await lost.handle.terminate('gone');
    await holder.command('cancelRun');
    await holder.journaled(/cancelled/);
    await world.server.sleep(10_000);
    await world.untilBooks('the third is under way', ({ holders }) => holders.includes(third.run));
    expect(await world.books()).toMatchObject({ holders: [third.run], waiting: [] });
  });

  it('keeps the order of 200 runs, at most 5 at once', async () => {
    world = await LineWorld.open({ isReal: true });
    const runs: LinedRun[] = [];
    for (let at = 0; at < 200; at += 1) runs.push(await world.start({ plan: { steps: [offer(1)] } }));
    const ends = await world.results(runs);
    expect(new Set(ends.map(({ phase }) => phase))).toEqual(new Set(['completed']));
    const { order, most } = await world.grants();
    expect(order).toEqual(runs.map(({ run }) => run));
    expect(most).toBe(5);
  });

  it('loses nothing when it goes on in a new history again and again', async () => {
    // In real time: the time-skipping server stands still where a workflow goes on in a new history under load.
    world = await LineWorld.open({ isReal: true, continueAfterEvents: 150 });
    const runs: LinedRun[] = [];
    for (let at = 0; at < 60; at += 1) runs.push(await world.start({ plan: { steps: [offer(1)] } }));
    const ends = await world.results(runs);
    expect(ends.map(({ phase }) => phase)).toEqual(runs.map(() => 'completed'));
    expect(await world.books()).toEqual({ holders: [], resting: [], waiting: [] });
    const { raw } = await world.coordinator().describe();
    expect(raw.workflowExecutionInfo?.firstRunId).not.toBe(raw.workflowExecutionInfo?.execution?.runId);
  });

  it('that was terminated knows again who holds, who rests and who waits', async () => {
    world = await LineWorld.open();
    const holder = await world.start({ plan: BAKING, place: SHOP });
    await holder.journaled(/bake/);
    const waiting = await world.start({ plan: BAKING, place: SHOP });
    const resting = await world.start({ plan: { steps: [offer(1), approve({ id: 'approve-2' }), offer(2)] } });
    await world.untilBooks('all stand', (books) => books.waiting.length === 1 && books.resting.length === 1);
    const before = await world.books();
    await world.coordinator().terminate('by mistake');
    await world.openAgain();
    await world.untilBooks('all stand again', (books) => books.waiting.length === 1 && books.resting.length === 1);
    expect(await world.books()).toEqual(before);
    await world.server.sleep(3 * HOUR_MS);
    expect((await waiting.view()).state.phase).toBe('completed');
    await resting.command('decideGate', { gate: null, decision: 'approve', digest: null });
    await resting.journaled(/^completed/);
  });
});

describe('an environment that is taken back', () => {
  const HOLD = { id: 'emg_1', since: '2026-01-01T00:00:00.000Z' };

  it('lets only ways back begin, until it is open again', async () => {
    world = await LineWorld.open();
    await world.coordinator().signal(takeHold, HOLD);
    const ordinary = await world.start({ plan: BAKING, place: SHOP });
    await world.untilBooks('it waits', ({ waiting }) => waiting.includes(ordinary.run));
    const back = await world.start({ plan: BAKING, place: { ...SHOP, priority: 'rollback' } });
    await world.results([back]);
    await world.untilBooks('the way back has left', ({ holders }) => holders.length === 0);
    await world.hold({ recorded: [{ subject: 'shop', run: back.run }] });
    expect((await ordinary.view()).state.phase).toBe('queued');
    await world.coordinator().signal(endHold, { id: 'emg_0' });
    await world.server.sleep(HOUR_MS);
    expect((await ordinary.view()).state.phase).toBe('queued');
    await world.coordinator().signal(endHold, HOLD);
    const [end] = await world.results([ordinary]);
    expect(end?.phase).toBe('completed');
  });

  it('is still closed when its coordinator lost its books', async () => {
    world = await LineWorld.open();
    const quick = { plan: { steps: [offer(1)] } };
    await world.coordinator().signal(takeHold, HOLD);
    const ordinary = await world.start(quick);
    await world.untilBooks('it waits', ({ waiting }) => waiting.includes(ordinary.run));
    world.emergency = HOLD;
    await world.coordinator().terminate('by mistake');
    await world.openAgain();
    const back = await world.start({ ...quick, place: { priority: 'rollback' } });
    await back.journaled(/^completed/);
    expect(await world.books()).toMatchObject({ waiting: [ordinary.run] });
    await world.coordinator().signal(endHold, HOLD);
    await ordinary.journaled(/^completed/);
  });

  it('is still closed in the next history of its coordinator', async () => {
    world = await LineWorld.open({ isReal: true, continueAfterEvents: 40 });
    await world.coordinator().signal(takeHold, HOLD);
    const ordinary = await world.start({ plan: { steps: [offer(1)] }, place: SHOP });
    const backs: LinedRun[] = [];
    const back = { plan: { steps: [offer(1)] }, place: { priority: 'rollback' } } as const;
    for (let at = 0; at < 12; at += 1) backs.push(await world.start(back));
    await world.results(backs);
    const { raw } = await world.coordinator().describe();
    expect(raw.workflowExecutionInfo?.firstRunId).not.toBe(raw.workflowExecutionInfo?.execution?.runId);
    expect((await world.books()).waiting).toEqual([ordinary.run]);
    await world.coordinator().signal(endHold, HOLD);
    await ordinary.journaled(/^completed/);
  });
});
