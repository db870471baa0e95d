import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { ContainerStrategy } from '#domain/plan/container-plan.ts';
import { containerSteps, type ContainerStepsInput } from '#domain/plan/container-steps.ts';
import type { GateStep, Step } from '#domain/plan/steps.ts';
import { movesOf } from '#domain/strategies/containers/container-strategies.ts';

const LOAD: GateStep = {
  kind: 'gate',
  id: 'gate-performance_test',
  gate: 'performance_test',
  phase: 'pre',
  required: true,
  check: { run: 'none' },
};

const input = (over: Partial<ContainerStepsInput> = {}): ContainerStepsInput => ({
  pre: [],
  staged: [LOAD],
  post: [],
  before: [],
  after: [],
  approval: null,
  replicas: 4,
  present: 4,
  bakeMs: 30_000,
  isJudged: false,
  readyWithinMs: 60_000,
  switchTimeoutMs: 5_000,
  downtimeMs: 10_000,
  ...over,
});

const ROLLING = { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 } as const;
const CANARY = { kind: 'canary', weightsPercent: [10, 100] } as const;

const idsOf = (strategy: ContainerStrategy, over: Partial<ContainerStepsInput> = {}): string =>
  movesOf(strategy, input(over))
    .map(({ id }) => id)
    .join(' ');

describe('the moves of a strategy', () => {
  test.each<[string, ContainerStrategy, Partial<ContainerStepsInput>, string]>([
    ['first', { kind: 'first' }, { present: 0 }, 'stage verify gate-performance_test shift'],
    ['immediate', { kind: 'immediate' }, {}, 'stage verify gate-performance_test shift retire'],
    [
      'blue-green',
      { kind: 'blue_green', switchTimeoutMs: 1 },
      {},
      'stage verify gate-performance_test shift bake-1 retire',
    ],
    ['recreate', { kind: 'recreate' }, { bakeMs: 0 }, 'hold retire stage verify shift release gate-performance_test'],
    [
      'judged canary',
      CANARY,
      { isJudged: true },
      'stage verify gate-performance_test shift-1 bake-1 judge-1 shift-2 bake-2 judge-2 retire',
    ],
    [
      'rolling of two by surge',
      ROLLING,
      { replicas: 2, present: 2 },
      'stage-1 verify-1 gate-performance_test retire-1 bake-1 stage-2 verify-2 retire-2 bake-2',
    ],
    [
      'rolling without surge, which tries what is staged as soon as there is something',
      { kind: 'rolling', maxSurge: 0, maxUnavailable: 1 },
      { replicas: 2, present: 2, bakeMs: 0 },
      'retire-1 stage-2 verify-2 gate-performance_test retire-2 stage-3 verify-3',
    ],
  ])('of %s', (_name, strategy, over, expected) => {
    expect(idsOf(strategy, over)).toBe(expected);
  });

  it('move traffic by basis points', () => {
    const weights = movesOf({ kind: 'canary', weightsPercent: [0.5, 25, 100] }, input()).flatMap((step) =>
      step.kind === 'shift' ? [step.weightBasisPoints] : [],
    );
    expect(weights).toEqual([50, 2_500, 10_000]);
  });

  it('stand between what is asked, hooked and gated before and after', () => {
    const hook = {
      name: 'h',
      action: { kind: 'command', command: ['true'], timeoutMs: 1 },
      compensation: null,
    } as const;
    const policy = { quorum: 1, role: 'approver', expiresInMs: null };
    const whole = input({
      pre: [{ ...LOAD, id: 'pre' }],
      post: [{ ...LOAD, id: 'post' }],
      before: [hook],
      after: [hook],
      approval: policy,
    });
    const ids = containerSteps(whole, movesOf({ kind: 'immediate' }, whole)).map(({ id }) => id);
    expect(ids.slice(0, 4)).toEqual(['pre', 'approve', 'hook-before-1', 'pull']);
    expect(ids.slice(-2)).toEqual(['hook-after-1', 'post']);
  });
});

interface Count {
  readonly fresh: number;
  readonly old: number;
}

/** How many instances of each version there are after each step. */
function counts(steps: readonly Step[], present: number): Count[] {
  let [fresh, old] = [0, present];
  return steps.map((step) => {
    if (step.kind === 'stage') fresh += step.replicas.length;
    if (step.kind === 'retire') old = step.keep;
    return { fresh, old };
  });
}

describe('rolling, whatever the numbers', () => {
  const numbers = fc
    .record({
      replicas: fc.integer({ min: 1, max: 30 }),
      present: fc.integer({ min: 0, max: 30 }),
      maxSurge: fc.integer({ min: 0, max: 10 }),
      maxUnavailable: fc.integer({ min: 0, max: 10 }),
    })
    .filter(({ maxSurge, maxUnavailable }) => maxSurge + maxUnavailable > 0);
  const stepsOf = ({
    replicas,
    present,
    ...pace
  }: {
    replicas: number;
    present: number;
    maxSurge: number;
    maxUnavailable: number;
  }) => movesOf({ kind: 'rolling', ...pace }, input({ replicas, present, bakeMs: 0 }));

  it('never falls below what must serve, nor rises above what may run', () => {
    fc.assert(
      fc.property(numbers, (given) => {
        const { replicas, present, maxSurge, maxUnavailable } = given;
        const least = Math.min(present, replicas - maxUnavailable);
        const most = Math.max(present, replicas + maxSurge);
        for (const { fresh, old } of counts(stepsOf(given), present)) {
          expect(fresh + old).toBeGreaterThanOrEqual(least);
          expect(fresh + old).toBeLessThanOrEqual(most);
        }
      }),
    );
  });

  it('ends with all new, each started once and ready before an old one goes for it', () => {
    fc.assert(
      fc.property(numbers, (given) => {
        const steps = stepsOf(given);
        const started = steps.flatMap((step) => (step.kind === 'stage' ? step.replicas : []));
        expect(started).toEqual(Array.from({ length: given.replicas }, (_, index) => index + 1));
        expect(counts(steps, given.present).at(-1)).toEqual({ fresh: given.replicas, old: 0 });
        for (const [at, step] of steps.entries()) if (step.kind === 'stage') expect(steps[at + 1]?.kind).toBe('verify');
        expect(new Set(steps.map(({ id }) => id)).size).toBe(steps.length);
      }),
    );
  });

  it('tries what is staged once, with the first new instances', () => {
    fc.assert(
      fc.property(numbers, (given) => {
        const steps = stepsOf(given);
        expect(steps.filter(({ kind }) => kind === 'gate')).toHaveLength(1);
        const at = steps.findIndex(({ kind }) => kind === 'gate');
        expect(steps[at - 1]).toEqual(steps.find(({ kind }) => kind === 'verify'));
      }),
    );
  });
});
