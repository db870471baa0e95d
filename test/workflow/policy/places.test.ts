// A run that a rule keeps waiting lets others go first, as one that waits for people does.
import { afterEach, describe, expect, it } from 'vitest';
import { policyChanged } from '../../../workflows/runtime/run.messages.ts';
import { LineWorld } from '../../support/environments/line-world.ts';
import { rule } from '../../support/policy/rule-book.ts';
import { bake, HOUR_MS, offer } from '../../support/runs/plan-builder.ts';

let world: LineWorld;
afterEach(() => world.close());

const SHOP = { subject: 'shop', maximum: 1 };
/** Ends without any time. */
const SHORT = { steps: [offer(1)] };
const BAKING = { steps: [offer(1), bake(1, HOUR_MS)] };
const asksPolicy = true as const;

describe('a run that a rule denies a step', () => {
  it('has no place at all before its first effect', async () => {
    world = await LineWorld.open();
    world.policy.rules = [rule('not-lin', 'run.by != "lin"')];
    const denied = await world.start({ plan: SHORT, place: SHOP, asksPolicy });
    await denied.journaled(/paused/);
    const other = await world.start({ plan: BAKING, place: SHOP });
    await other.journaled(/bake/);
    expect(await world.books()).toMatchObject({ holders: [other.run], resting: [] });
    world.policy.rules = [];
    await denied.command('resumeRun');
    await world.untilBooks('it queues', ({ waiting }) => waiting.includes(denied.run));
    expect(world.policy.asked).toHaveLength(1);
    await other.command('cancelRun');
    await denied.journaled(/^completed/);
    expect(world.policy.asked).toHaveLength(2);
  });

  it('keeps what it changes in the middle and lets others be under way', async () => {
    world = await LineWorld.open();
    world.policy.rules = [rule('first-only', 'step.wave <= 1', ['offer'])];
    const denied = await world.start({ plan: { steps: [offer(1), offer(2)] }, place: SHOP, asksPolicy });
    await denied.journaled(/paused/);
    await world.untilBooks('it rests', ({ resting }) => resting.includes(denied.run));
    const same = await world.start({ plan: SHORT, place: SHOP });
    const other = await world.start({ plan: BAKING, place: { maximum: 1 } });
    await other.journaled(/bake/);
    expect((await same.view()).state.phase).toBe('queued');
    await denied.command('cancelRun');
    await denied.journaled(/^cancelled/);
    await other.command('cancelRun');
    await same.journaled(/^completed/);
  });

  it('is never a way back', async () => {
    world = await LineWorld.open();
    world.policy.rules = [rule('nothing', 'false')];
    const back = await world.start({ plan: SHORT, place: { ...SHOP, priority: 'rollback' } });
    await back.handle.signal(policyChanged);
    await back.journaled(/^completed/);
    expect(world.policy.asked).toEqual([]);
  });
});
