import { afterEach, describe, expect, it } from 'vitest';
import type { Freeze, Pin } from '#domain/coordination/holds.ts';
import { addMs, type Iso } from '#domain/time.ts';
import { eventually } from '../../support/eventually.ts';
import { LineWorld, type LinedRun } from '../../support/environments/line-world.ts';
import { approve, bake, HOUR_MS, offer } from '../../support/runs/plan-builder.ts';

let world: LineWorld;
afterEach(() => world.close());

const BAKING = { steps: [offer(1), bake(1, HOUR_MS), offer(2)] };
const SHOP = { subject: 'shop', version: '2.0.0' };
const yes = { gate: null, decision: 'approve', digest: null } as const;

const startedAt = new Date().toISOString();
const freeze = (until: Iso | null, id = 1): Freeze => ({ id, reason: 'month end', by: 'ada', since: startedAt, until });
const pin = (over: Partial<Pin> = {}): Pin => {
  return { subject: 'shop', versions: ['1.0.0'], by: 'ada', reason: 'slow', since: startedAt, run: null, ...over };
};

const waits = (count: number): Promise<void> =>
  world.untilBooks(`${count} wait`, ({ waiting }) => waiting.length === count);

/** When it was its turn. */
function turnOf({ run }: LinedRun): Iso {
  return world.fleet.journal(run).find(({ summary }) => /it is its turn/.test(summary))?.at ?? 'never';
}

describe('while an environment is frozen', () => {
  it('runs wait, and begin by themselves when its time is over', async () => {
    world = await LineWorld.open();
    const until = addMs(startedAt, 5 * HOUR_MS);
    await world.hold({ freeze: freeze(until) });
    const runs = [await world.start({ plan: BAKING }), await world.start({ plan: BAKING })];
    await waits(2);
    await world.server.sleep(3 * HOUR_MS);
    expect((await world.books()).holders).toEqual([]);
    const ends = await world.results(runs);
    expect(ends.map(({ phase }) => phase)).toEqual(['completed', 'completed']);
    for (const run of runs) expect(turnOf(run) >= until).toBe(true);
  });

  it('runs wait until a person lifts it', async () => {
    world = await LineWorld.open();
    await world.hold({ freeze: freeze(null) });
    const run = await world.start({ plan: { steps: [offer(1)] } });
    await waits(1);
    await world.server.sleep(100 * HOUR_MS);
    expect((await run.view()).state.phase).toBe('queued');
    await world.hold({ freeze: null });
    await run.journaled(/^completed/);
  });

  it('a later end counts, and an earlier one', async () => {
    world = await LineWorld.open();
    await world.hold({ freeze: freeze(addMs(startedAt, 2 * HOUR_MS)) });
    const run = await world.start({ plan: BAKING });
    await waits(1);
    await world.hold({ freeze: freeze(addMs(startedAt, 9 * HOUR_MS), 2) });
    await world.server.sleep(4 * HOUR_MS);
    expect((await run.view()).state.phase).toBe('queued');
    await world.hold({ freeze: freeze(addMs(startedAt, 6 * HOUR_MS), 3) });
    await world.server.sleep(3 * HOUR_MS);
    await run.journaled(/it is its turn/);
  });

  it('whoever is under way goes on, a rest in the middle included', async () => {
    world = await LineWorld.open();
    const baking = await world.start({ plan: BAKING });
    const asking = await world.start({ plan: { steps: [offer(1), approve({ id: 'approve-2' }), offer(2)] } });
    await baking.journaled(/bake/);
    await world.untilBooks('one rests', ({ resting }) => resting.length === 1);
    await world.hold({ freeze: freeze(null) });
    await asking.command('decideGate', yes);
    await asking.journaled(/^completed/);
    await world.server.sleep(2 * HOUR_MS);
    await baking.journaled(/^completed/);
  });

  it('a way back passes', async () => {
    world = await LineWorld.open();
    await world.hold({ freeze: freeze(null) });
    const back = await world.start({ plan: { steps: [offer(1)] }, place: { priority: 'rollback' } });
    await back.journaled(/^completed/);
  });

  it('a start that overrides it passes, which stands in the journal', async () => {
    world = await LineWorld.open();
    await world.hold({ freeze: freeze(null) });
    const held = await world.start({ plan: { steps: [offer(1)] }, place: SHOP });
    await waits(1);
    const passing = await world.start({ plan: { steps: [offer(1)] }, place: { ...SHOP, passesFreeze: 1 } });
    await passing.journaled(/^completed/);
    await passing.journaled(/^freeze overridden by lin/);
    expect((await held.view()).state.phase).toBe('queued');
  });

  it('start-now lets one pass that waits already: this freeze, and not the next one', async () => {
    world = await LineWorld.open();
    await world.hold({ freeze: freeze(null, 2) });
    const run = await world.start({ plan: { steps: [offer(1)] } });
    await waits(1);
    await run.command('startRunNow', { freeze: 1 });
    await run.journaled(/^freeze overridden by ada/);
    await waits(1);
    expect((await run.view()).state.phase).toBe('queued');
    await run.command('startRunNow', { freeze: 2 });
    await run.journaled(/^completed/);
  });

  it('start-now without a reason is refused, and without a freeze', async () => {
    world = await LineWorld.open();
    await world.hold({ freeze: freeze(null) });
    const run = await world.start({ plan: { steps: [offer(1)] } });
    await waits(1);
    const refused = { cause: { type: 'REASON_REQUIRED' } };
    await expect(run.command('startRunNow', { freeze: 1, reason: ' ' })).rejects.toMatchObject(refused);
    await expect(run.command('startRunNow')).rejects.toMatchObject({ cause: { type: 'RUN_NOT_WAITING' } });
  });
});

describe('when a person takes a run back', () => {
  it('what waits behind it is not let in until it is unpinned', async () => {
    world = await LineWorld.open();
    const first = await world.start({ plan: BAKING, place: SHOP });
    await first.journaled(/bake/);
    const second = await world.start({ plan: { steps: [offer(1)] }, place: SHOP });
    const other = await world.start({ plan: BAKING });
    await waits(1);
    await first.command('rollBackRun');
    await first.journaled(/^rolled back/);
    await world.untilBooks('it has left', ({ holders }) => !holders.includes(first.run));
    expect(await world.knownHolds()).toMatchObject({ told: [{ subject: 'shop', run: first.run, by: 'ada' }] });
    expect((await world.books()).waiting).toEqual([second.run]);
    expect((await other.view()).state.phase).toBe('running');
    await world.hold({ recorded: [{ subject: 'shop', run: first.run }] });
    await second.journaled(/^completed/);
  });

  it('what waits behind it may be cancelled, and the pinned version may begin', async () => {
    world = await LineWorld.open();
    await world.hold({ pins: [pin()] });
    const other = await world.start({ plan: { steps: [offer(1)] }, place: SHOP });
    await waits(1);
    const same = await world.start({ plan: { steps: [offer(1)] }, place: { ...SHOP, version: '1.0.0' } });
    await same.journaled(/^completed/);
    await other.command('cancelRun');
    await waits(0);
    await other.journaled(/^cancelled/);
  });

  it('or an application, the version that it goes back to is pinned', async () => {
    world = await LineWorld.open();
    const back = await world.start({ plan: { steps: [offer(1)] }, place: { ...SHOP, priority: 'rollback' } });
    await back.journaled(/^completed/);
    await world.untilBooks('it has left', ({ holders }) => holders.length === 0);
    const [told] = (await world.knownHolds()).told ?? [];
    expect(told).toMatchObject({ versions: [(await back.view()).subject.version], by: 'lin', run: back.run });
    const end = world.fleet.journal(back.run).find(({ type }) => type === 'run-ended');
    expect(end?.data['pin']).toEqual(told);
  });

  it('but a breach pins nothing, nor a rollback before anything was begun', async () => {
    world = await LineWorld.open({ script: { offers: { 1: 'breach' } } });
    const bad = await world.start({ plan: { steps: [offer(1)] }, place: SHOP });
    await bad.journaled(/^rolled back/);
    const early = await world.start({ plan: { steps: [approve(), offer(2)] }, place: SHOP });
    await early.journaled(/waits for/);
    await early.command('rollBackRun');
    await early.journaled(/^rolled back/);
    const next = await world.start({ plan: { steps: [offer(2)] }, place: SHOP });
    await next.journaled(/^completed/);
    expect((await world.knownHolds()).told ?? []).toEqual([]);
  });
});

describe('a coordinator', () => {
  it('finds with its looks what nobody told it', async () => {
    world = await LineWorld.open({ lookEveryMs: 3_000 });
    await world.hold({ freeze: freeze(null) });
    const run = await world.start({ plan: { steps: [offer(1)] } });
    await waits(1);
    world.write({ freeze: null });
    await world.server.sleep(10_000);
    await run.journaled(/^completed/);
  });

  it('lets nobody begin whose start knew of a freeze that nobody told it', async () => {
    world = await LineWorld.open();
    const { revision } = world.write({ freeze: freeze(null) });
    const run = await world.start({ plan: { steps: [offer(1)] }, place: { holdsRevision: revision } });
    await eventually(async () => expect(await world.knownHolds()).toMatchObject({ holds: { revision } }));
    expect((await world.books()).waiting).toEqual([run.run]);
    await world.hold({ freeze: null });
    await run.journaled(/^completed/);
  });

  it('that was terminated knows the holds again, of the database and of runs that have not stored their end', async () => {
    world = await LineWorld.open();
    const first = await world.start({ plan: BAKING, place: SHOP });
    await first.journaled(/bake/);
    const second = await world.start({ plan: { steps: [offer(1)] }, place: SHOP });
    await waits(1);
    world.fleet.change({ journalFailures: Number.POSITIVE_INFINITY });
    await first.command('rollBackRun');
    await world.untilBooks('it has left', ({ holders }) => !holders.includes(first.run));
    await world.coordinator().terminate('by mistake');
    world.write({ freeze: freeze(null), pins: [pin({ subject: 'mail' })] });
    await world.openAgain();
    await world.untilBooks('it waits again', ({ waiting }) => waiting.includes(second.run));
    const known = await world.knownHolds();
    expect(known.holds).toMatchObject({ freeze: { by: 'ada' }, pins: [{ subject: 'mail' }] });
    expect(known.told).toMatchObject([{ subject: 'shop', run: first.run }]);
    world.fleet.change({ journalFailures: 0 });
    await first.journaled(/^rolled back/);
  });

  it('that goes on in a new history keeps them', async () => {
    world = await LineWorld.open({ isReal: true, continueAfterEvents: 60 });
    await world.hold({ freeze: freeze(null), pins: [pin()] });
    const pinned = await world.start({ plan: { steps: [offer(1)] }, place: SHOP });
    await waits(1);
    const passing: LinedRun[] = [];
    for (let at = 0; at < 20; at += 1) {
      passing.push(await world.start({ plan: { steps: [offer(1)] }, place: { passesFreeze: 1 } }));
    }
    await world.results(passing);
    const { raw } = await world.coordinator().describe();
    expect(raw.workflowExecutionInfo?.firstRunId).not.toBe(raw.workflowExecutionInfo?.execution?.runId);
    expect(await world.knownHolds()).toMatchObject({ holds: { freeze: { id: 1 }, pins: [{ subject: 'shop' }] } });
    expect((await world.books()).waiting).toEqual([pinned.run]);
  });
});
