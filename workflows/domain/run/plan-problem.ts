import { PLAN_SCHEMA_VERSION } from '../plan/plan.ts';
import type { GateCheck, Step } from '../plan/steps.ts';

/** Named one by one, so that the compiler misses a kind that is added. */
const STEP_KINDS: Readonly<Record<Step['kind'], true>> = { gate: true, approve: true, offer: true, bake: true };
const GATE_CHECKS: Readonly<Record<GateCheck['run'], true>> = {
  firmware_validation: true,
  device_compatibility_check: true,
  health_check: true,
  command: true,
  http: true,
  manual: true,
  none: true,
};

/**
 * Why this code must not walk `plan`, or null. A plan outlives the version that made it, so it may hold anything: a step
 * that is not known would stop its run for ever in the middle of a fleet.
 */
export function planProblem(plan: unknown): string | null {
  if (!isObject(plan)) return 'it is no object';
  if (plan['schema'] !== PLAN_SCHEMA_VERSION) {
    return `its schema is ${JSON.stringify(plan['schema'])}, this version knows ${PLAN_SCHEMA_VERSION}`;
  }
  const { steps, waves } = plan;
  if (!Array.isArray(steps) || !Array.isArray(waves)) return 'it has no steps or no waves';
  for (const [index, step] of steps.entries()) {
    const problem = stepProblem(step);
    if (problem !== null) return `step ${index + 1} ${problem}`;
  }
  return null;
}

function stepProblem(step: unknown): string | null {
  if (!isObject(step)) return 'is no object';
  const { kind, check } = step;
  if (!isKnown(STEP_KINDS, kind)) return `has the unknown kind ${JSON.stringify(kind)}`;
  if (kind !== 'gate') return null;
  const runs = isObject(check) ? check['run'] : undefined;
  return isKnown(GATE_CHECKS, runs) ? null : `is a gate that runs the unknown ${JSON.stringify(runs)}`;
}

const isKnown = (known: Readonly<Record<string, true>>, word: unknown): boolean =>
  typeof word === 'string' && Object.hasOwn(known, word);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
