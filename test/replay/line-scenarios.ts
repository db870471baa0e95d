// Runs that queue, and the coordinators that they queue at: several histories come of one scenario.
import type { WorkflowHandle } from '@temporalio/client';
import type { Freeze, Pin } from '#domain/coordination/holds.ts';
import { addMs } from '#domain/time.ts';
import type { LineWorld } from '../support/environments/line-world.ts';
import type { LineOptions } from '../support/environments/line-world.ts';
import { endHold, takeHold } from '../../workflows/environments/environment.messages.ts';
import { approve, bake, offer } from '../support/runs/plan-builder.ts';
import type { RecordedKind } from './histories.ts';

/** A history that is to be kept. */
export interface Kept {
  readonly kind: RecordedKind;
  readonly name: string;
  readonly handle: WorkflowHandle;
}

export interface LineScenario {
  readonly names: readonly string[];
  readonly options: LineOptions;
  /** Returns when everything that is kept has happened. */
  readonly play: (world: LineWorld) => Promise<readonly Kept[]>;
}

const BAKE_MS = 300;
const SINCE = '2026-01-01T00:00:00.000Z';
const short = { steps: [offer(1), bake(1, BAKE_MS), offer(2)] };
const asking = { steps: [offer(1), approve({ id: 'approve-2' }), offer(2)] };
const SHOP = { subject: 'shop' };
const FREEZE_MS = 1_500;
const since = '2026-01-01T00:00:00.000Z';
const freezeOf = (id: number, until: string | null): Freeze => ({ id, reason: 'month end', by: 'ada', since, until });
const pinned: Pin = { ...SHOP, versions: ['1.0.0'], by: 'ada', reason: 'slow', since, run: null };
const yes = { gate: null, decision: 'approve', digest: null } as const;
const coordinatorOf = (world: LineWorld, name: string): Kept => {
  return { kind: 'environment', name, handle: world.coordinator() };
};

export const LINE_SCENARIOS: readonly LineScenario[] = [
  {
    names: ['admits-in-order', 'opens-the-coordinator', 'queued-then-completes', 'rests-for-people'],
    options: { isOpen: false },
    play: async (world) => {
      const first = await world.start({ plan: short, place: SHOP });
      await first.journaled(/bake/);
      const second = await world.start({ plan: short, place: SHOP });
      const third = await world.start({ plan: asking });
      await world.untilBooks('one rests', ({ resting }) => resting.length === 1);
      await third.command('decideGate', yes);
      await world.results([first, second, third]);
      await world.untilBooks('all are gone', ({ holders, resting }) => holders.length + resting.length === 0);
      return [
        coordinatorOf(world, 'admits-in-order'),
        { kind: 'fleet-rollout', name: 'opens-the-coordinator', handle: first.handle },
        { kind: 'fleet-rollout', name: 'queued-then-completes', handle: second.handle },
        { kind: 'fleet-rollout', name: 'rests-for-people', handle: third.handle },
      ];
    },
  },
  {
    names: ['waits-for-people-first', 'cancelled-in-the-queue', 'paused-in-the-queue'],
    options: {},
    play: async (world) => {
      const holder = await world.start({ plan: asking, place: SHOP });
      await world.untilBooks('it rests', ({ resting }) => resting.length === 1);
      const first = await world.start({ plan: { steps: [approve(), ...short.steps] } });
      await first.journaled(/waits for/);
      const paused = await world.start({ plan: short, place: SHOP });
      const cancelled = await world.start({ plan: short, place: SHOP });
      await world.untilBooks('two wait', ({ waiting }) => waiting.length === 2);
      await paused.command('pauseRun');
      await cancelled.command('cancelRun');
      await world.untilBooks('nobody waits', ({ waiting }) => waiting.length === 0);
      await paused.command('resumeRun');
      await first.command('decideGate', yes);
      await holder.command('decideGate', yes);
      await world.results([holder, first, paused, cancelled]);
      return [
        { kind: 'fleet-rollout', name: 'waits-for-people-first', handle: first.handle },
        { kind: 'fleet-rollout', name: 'paused-in-the-queue', handle: paused.handle },
        { kind: 'fleet-rollout', name: 'cancelled-in-the-queue', handle: cancelled.handle },
      ];
    },
  },
  {
    names: ['start-told-once', 'queued-start-told-once'],
    options: {},
    play: async (world) => {
      const run = await world.start({ plan: { steps: [approve(), ...short.steps] }, place: SHOP });
      await run.journaled(/waits for/);
      const queued = await world.start({ plan: short });
      await queued.journaled(/^completed/);
      await run.command('decideGate', yes);
      await world.results([run, queued]);
      return [
        { kind: 'fleet-rollout', name: 'start-told-once', handle: run.handle },
        { kind: 'fleet-rollout', name: 'queued-start-told-once', handle: queued.handle },
      ];
    },
  },
  {
    names: ['frees-a-lost-place'],
    options: { lookEveryMs: 200 },
    play: async (world) => {
      const lost = await world.start({ plan: asking, place: SHOP });
      await world.untilBooks('it rests', ({ resting }) => resting.length === 1);
      const next = await world.start({ plan: short, place: SHOP });
      await world.untilBooks('one waits', ({ waiting }) => waiting.length === 1);
      await lost.handle.terminate('lost');
      await world.results([next]);
      return [coordinatorOf(world, 'frees-a-lost-place')];
    },
  },
  {
    names: ['makes-up-lost-books'],
    options: {},
    play: async (world) => {
      const resting = await world.start({ plan: asking, place: SHOP });
      await world.untilBooks('it rests', (books) => books.resting.length === 1);
      const waiting = await world.start({ plan: short, place: SHOP });
      await world.untilBooks('one waits', (books) => books.waiting.length === 1);
      await world.coordinator().terminate('by mistake');
      await world.openAgain();
      await world.untilBooks('both are known', (books) => books.resting.length + books.waiting.length === 2);
      await resting.command('decideGate', yes);
      await world.results([resting, waiting]);
      return [coordinatorOf(world, 'makes-up-lost-books')];
    },
  },
  {
    names: ['held-for-an-emergency'],
    options: {},
    play: async (world) => {
      await world.coordinator().signal(takeHold, { id: 'emg_1', since: SINCE });
      const ordinary = await world.start({ plan: short, place: SHOP });
      const back = await world.start({ plan: short, place: { ...SHOP, priority: 'rollback' } });
      await world.results([back]);
      await world.untilBooks('one waits', ({ waiting }) => waiting.includes(ordinary.run));
      await world.coordinator().signal(endHold, { id: 'emg_1' });
      await world.results([ordinary]);
      return [coordinatorOf(world, 'held-for-an-emergency')];
    },
  },
  {
    names: ['makes-up-lost-books-in-an-emergency'],
    options: {},
    play: async (world) => {
      await world.coordinator().terminate('by mistake');
      world.emergency = { id: 'emg_1', since: SINCE };
      await world.openAgain();
      const ordinary = await world.start({ plan: short, place: SHOP });
      await world.untilBooks('it waits', ({ waiting }) => waiting.includes(ordinary.run));
      await world.coordinator().signal(endHold, { id: 'emg_1' });
      await world.results([ordinary]);
      return [coordinatorOf(world, 'makes-up-lost-books-in-an-emergency')];
    },
  },
  {
    names: ['goes-on-in-a-new-history'],
    options: { continueAfterEvents: 40 },
    play: async (world) => {
      const { firstExecutionRunId } = await world.opened();
      const runs = [];
      for (let at = 0; at < 12; at += 1)
        runs.push(await world.start({ plan: { steps: [offer(1)] }, place: { maximum: 2 } }));
      await world.results(runs);
      const handle = world.client.workflow.getHandle(world.coordinator().workflowId, firstExecutionRunId);
      return [{ kind: 'environment', name: 'goes-on-in-a-new-history', handle }];
    },
  },
  {
    names: ['waits-out-a-freeze', 'passes-a-freeze', 'started-now-in-a-freeze'],
    options: {},
    play: async (world) => {
      await world.hold({ freeze: freezeOf(1, null) });
      const passing = await world.start({ plan: short, place: { ...SHOP, passesFreeze: 1 } });
      const waiting = await world.start({ plan: short, place: SHOP });
      const pressed = await world.start({ plan: short });
      await world.untilBooks('two wait', (books) => books.waiting.length === 2);
      await pressed.command('startRunNow', { freeze: 1 });
      await world.results([passing, pressed]);
      await world.hold({ freeze: freezeOf(2, addMs(new Date().toISOString(), FREEZE_MS)) });
      await world.results([waiting]);
      await world.untilBooks('all are gone', ({ holders }) => holders.length === 0);
      return [
        coordinatorOf(world, 'waits-out-a-freeze'),
        { kind: 'fleet-rollout', name: 'passes-a-freeze', handle: passing.handle },
        { kind: 'fleet-rollout', name: 'started-now-in-a-freeze', handle: pressed.handle },
      ];
    },
  },
  {
    names: ['holds-what-is-pinned', 'pins-what-it-went-back-to'],
    options: { lookEveryMs: 200 },
    play: async (world) => {
      const back = await world.start({ plan: asking, place: SHOP });
      await world.untilBooks('it rests', (books) => books.resting.length === 1);
      const waiting = await world.start({ plan: short, place: { ...SHOP, version: '2.0.0' } });
      await world.untilBooks('one waits', (books) => books.waiting.length === 1);
      await back.command('rollBackRun');
      await world.results([back]);
      await world.untilBooks('it has left', (books) => books.resting.length === 0);
      // Found by a look: the pin as it was written, then that it is gone.
      const recorded = [{ subject: SHOP.subject, run: back.run }];
      world.write({ pins: [{ ...pinned, run: back.run }], recorded });
      await world.untilHolds('the pin is known', ({ holds }) => holds?.pins.length === 1);
      world.write({ pins: [] });
      await world.results([waiting]);
      return [
        coordinatorOf(world, 'holds-what-is-pinned'),
        { kind: 'fleet-rollout', name: 'pins-what-it-went-back-to', handle: back.handle },
      ];
    },
  },
];
