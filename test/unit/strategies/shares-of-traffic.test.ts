// Whatever the strategy and its numbers: traffic goes to the new version and never back, and the old one serves until then.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContainerStrategy } from '#domain/plan/container-plan.ts';
import type { ContainerStepsInput } from '#domain/plan/container-steps.ts';
import type { Step } from '#domain/plan/steps.ts';
import { movesOf } from '#domain/strategies/containers/container-strategies.ts';

interface Serving {
  readonly fresh: number;
  readonly old: number;
  /** Of the traffic, to the new version. */
  readonly share: number;
  readonly isHolding: boolean;
}

/** Who serves after each step. */
function playedBy(steps: readonly Step[], present: number): Serving[] {
  let now: Serving = { fresh: 0, old: present, share: 0, isHolding: false };
  const all = steps.map((step) => (now = after(now, step)));
  return [{ fresh: 0, old: present, share: 0, isHolding: false }, ...all];
}

function after(now: Serving, step: Step): Serving {
  switch (step.kind) {
    case 'verify': {
      const fresh = now.fresh + step.replicas.length;
      return { ...now, fresh, share: step.join === 'among' ? fresh / (fresh + now.old) : now.share };
    }
    case 'shift':
      return { ...now, share: step.weightBasisPoints / 10_000 };
    case 'retire': {
      const isShared = now.share > 0 && now.share < 1;
      return { ...now, old: step.keep, share: isShared ? now.fresh / (now.fresh + step.keep) : now.share };
    }
    case 'hold':
      return { ...now, isHolding: step.action === 'begin' };
    default:
      return now;
  }
}

const count = fc.integer({ min: 1, max: 20 });
/** Rising weights that end with all traffic, as the planner settles them. */
const weights = fc
  .uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 6 })
  .map((some) => [...some.sort((a, b) => a - b), 100]);
const pace = fc
  .record({ maxSurge: fc.integer({ min: 0, max: 5 }), maxUnavailable: fc.integer({ min: 0, max: 5 }) })
  .filter(({ maxSurge, maxUnavailable }) => maxSurge + maxUnavailable > 0);
const strategy: fc.Arbitrary<ContainerStrategy> = fc.oneof(
  fc.constantFrom<ContainerStrategy>(
    { kind: 'immediate' },
    { kind: 'recreate' },
    { kind: 'blue_green', switchTimeoutMs: 5_000 },
  ),
  weights.map((weightsPercent): ContainerStrategy => ({ kind: 'canary', weightsPercent })),
  pace.map((numbers): ContainerStrategy => ({ kind: 'rolling', ...numbers })),
);
const given = fc.record({ strategy, replicas: count, present: count, bakeMs: fc.constantFrom(0, 60_000) });

const stepsOf = (of: { strategy: ContainerStrategy; replicas: number; present: number; bakeMs: number }): Step[] => {
  const nothing = { pre: [], staged: [], post: [], before: [], after: [], approval: null };
  const times = { readyWithinMs: 60_000, switchTimeoutMs: 5_000, downtimeMs: 10_000 };
  const input: ContainerStepsInput = { ...nothing, ...times, isJudged: false, ...of };
  return movesOf(of.strategy, input);
};

describe('the moves of any strategy', () => {
  it('let the share of the new version grow to all of the traffic and never shrink', () => {
    fc.assert(
      fc.property(given, (one) => {
        const shares = playedBy(stepsOf(one), one.present).map(({ share }) => share);
        for (const [at, share] of shares.entries()) expect(share).toBeGreaterThanOrEqual(shares[at - 1] ?? 0);
        expect(shares.at(-1)).toBe(1);
      }),
    );
  });

  it('give traffic only to a version that has instances, unless requests are made to wait', () => {
    fc.assert(
      fc.property(given, (one) => {
        // A rolling release may be told that all of its instances may be missing.
        fc.pre(one.strategy.kind !== 'rolling' || one.strategy.maxUnavailable < Math.min(one.replicas, one.present));
        for (const { fresh, old, share, isHolding } of playedBy(stepsOf(one), one.present)) {
          if (isHolding) continue;
          if (share > 0) expect(fresh).toBeGreaterThan(0);
          if (share < 1) expect(old).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('end without an old instance, with every new one, and without a request that waits', () => {
    fc.assert(
      fc.property(given, (one) => {
        const last = playedBy(stepsOf(one), one.present).at(-1);
        expect(last).toEqual({ fresh: one.replicas, old: 0, share: 1, isHolding: false });
      }),
    );
  });
});
