import type { Step } from '../plan/steps.ts';

/** What must hold before a step of the way forward begins. */
export interface PolicyRule {
  readonly name: string;
  /** CEL; true lets the step begin. */
  readonly when: string;
  /** Why, for whoever is kept waiting. */
  readonly message: string;
  /** Kinds of steps that it is asked before; null: all of them. */
  readonly steps: readonly Step['kind'][] | null;
}

/** All kinds of steps, as rules name them. */
export const STEP_KINDS = [
  'gate',
  'approve',
  'bake',
  'offer',
  'pull',
  'stage',
  'verify',
  'shift',
  'retire',
  'hold',
  'hook',
] as const satisfies readonly Step['kind'][];

const PREFIX = 'policy-';

/** Under this name a rule that denies is overridden, as a gate is. */
export const gateOfRule = (rule: string): string => `${PREFIX}${rule}`;

export const isGateOfRule = (gate: string): boolean => gate.startsWith(PREFIX);
