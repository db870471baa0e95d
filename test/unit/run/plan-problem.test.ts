import { describe, expect, it } from 'vitest';
import { planProblem } from '#domain/run/plan-problem.ts';
import { approve, aPlan, bake, gate, offer } from '../../support/runs/plan-builder.ts';

describe('a plan', () => {
  it('of this version is understood', () => {
    expect(planProblem(aPlan({ steps: [gate(), approve(), offer(1), bake(1)] }))).toBeNull();
  });

  it.each([
    ['nothing', undefined, 'it is no object'],
    ['a later schema', { ...aPlan(), schema: 2 }, 'its schema is 2, this version knows 1'],
    ['no schema', { ...aPlan(), schema: undefined }, 'its schema is undefined, this version knows 1'],
    ['no steps', { ...aPlan(), steps: undefined }, 'it has no steps or no waves'],
    [
      'a step of a later version',
      { ...aPlan(), steps: [offer(1), { ...bake(1), kind: 'shift' }] },
      'step 2 has the unknown kind "shift"',
    ],
    ['a step that is none', { ...aPlan(), steps: [null] }, 'step 1 is no object'],
    [
      'a gate of a later version',
      { ...aPlan(), steps: [gate({ check: { run: 'oracle' } as never })] },
      'step 1 is a gate that runs the unknown "oracle"',
    ],
  ])('with %s is not', (_what, plan, why) => {
    expect(planProblem(plan)).toBe(why);
  });
});
