import type { Plan } from '../plan/plan.ts';
import { PLAN_SCHEMA_VERSION } from '../plan/plan-base.ts';
import type { GateCheck, Step } from '../plan/steps.ts';

/** Which plans have a step of a kind; named one by one, so that the compiler misses a kind that is added. */
const STEP_KINDS: Readonly<Record<Step['kind'], Plan['kind'] | 'every'>> = {
  gate: 'every',
  approve: 'every',
  bake: 'every',
  offer: 'fleet-rollout',
  pull: 'container-release',
  stage: 'container-release',
  verify: 'container-release',
  shift: 'container-release',
  retire: 'container-release',
  hold: 'container-release',
  hook: 'container-release',
  deploy: 'joint-release',
};
const GATE_CHECKS: Readonly<Record<GateCheck['run'], true>> = {
  firmware_validation: true,
  device_compatibility_check: true,
  health_check: true,
  command: true,
  http: true,
  manual: true,
  image_validation: true,
  load_test: true,
  canary_analysis: true,
  none: true,
};

/**
 * Why this code must not walk `plan`, or null. A plan outlives the version that made it, so it may hold anything: a step
 * that is not known would stop its run for ever in the middle of a fleet.
 */
export function planProblem(plan: unknown, kind: Plan['kind']): string | null {
  if (!isObject(plan)) return 'it is no object';
  if (plan['schema'] !== PLAN_SCHEMA_VERSION) {
    return `its schema is ${JSON.stringify(plan['schema'])}, this version knows ${PLAN_SCHEMA_VERSION}`;
  }
  const { steps, waves } = plan;
  if (plan['kind'] !== kind) return `it is a plan for ${JSON.stringify(plan['kind'])}, not for ${kind}`;
  if (!Array.isArray(steps)) return 'it has no steps';
  if (kind === 'fleet-rollout' && !Array.isArray(waves)) return 'it has no waves';
  if (kind === 'joint-release' && !Array.isArray(plan['members'])) return 'it has no members';
  for (const [index, step] of steps.entries()) {
    const problem = stepProblem(step, kind);
    if (problem !== null) return `step ${index + 1} ${problem}`;
  }
  return null;
}

function stepProblem(step: unknown, plan: Plan['kind']): string | null {
  if (!isObject(step)) return 'is no object';
  const { kind, check } = step;
  if (!isKnown(STEP_KINDS, kind)) return `has the unknown kind ${JSON.stringify(kind)}`;
  const belongsTo = STEP_KINDS[kind];
  if (belongsTo !== 'every' && belongsTo !== plan) return `is of the kind "${kind}", which no ${plan} has`;
  if (kind !== 'gate') return null;
  const runs = isObject(check) ? check['run'] : undefined;
  return isKnown(GATE_CHECKS, runs) ? null : `is a gate that runs the unknown ${JSON.stringify(runs)}`;
}

const isKnown = <Word extends string>(known: Readonly<Record<Word, unknown>>, word: unknown): word is Word =>
  typeof word === 'string' && Object.hasOwn(known, word);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
