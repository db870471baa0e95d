import { describe, expect, it } from 'vitest';
import { planProblem } from '#domain/run/plan-problem.ts';
import { approve, aPlan, bake, gate, offer } from '../../support/runs/plan-builder.ts';

describe('a plan', () => {
  it('of this version is understood', () => {
    expect(planProblem(aPlan({ steps: [gate(), approve(), offer(1), bake(1)] }), 'fleet-rollout')).toBeNull();
  });

  it.each([
    ['nothing', undefined, 'it is no object'],
    ['a later schema', { ...aPlan(), schema: 2 }, 'its schema is 2, this version knows 1'],
    ['no schema', { ...aPlan(), schema: undefined }, 'its schema is undefined, this version knows 1'],
    ['no steps', { ...aPlan(), steps: undefined }, 'it has no steps'],
    ['no waves', { ...aPlan(), waves: undefined }, 'it has no waves'],
    [
      'another target',
      { ...aPlan(), kind: 'container-release' },
      'it is a plan for "container-release", not for fleet-rollout',
    ],
    [
      'a step of a later version',
      { ...aPlan(), steps: [offer(1), { ...bake(1), kind: 'teleport' }] },
      'step 2 has the unknown kind "teleport"',
    ],
    [
      'a step of another target',
      { ...aPlan(), steps: [offer(1), { kind: 'pull', id: 'pull' }] },
      'step 2 is of the kind "pull", which no fleet-rollout has',
    ],
    ['a step that is none', { ...aPlan(), steps: [null] }, 'step 1 is no object'],
    [
      'a gate of a later version',
      { ...aPlan(), steps: [gate({ check: { run: 'oracle' } as never })] },
      'step 1 is a gate that runs the unknown "oracle"',
    ],
  ])('with %s is not', (_what, plan, why) => {
    expect(planProblem(plan, 'fleet-rollout')).toBe(why);
  });
});
