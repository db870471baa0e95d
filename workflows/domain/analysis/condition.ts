import type { Outcome } from './measurement-loop.ts';

export type Operator = '<=' | '>=' | '==' | '<' | '>';

/** What is asked of a measured value. */
export interface Condition {
  readonly operator: Operator;
  readonly threshold: number;
}

/** Parsed, never run: the text comes from a file. */
const WRITTEN = /^result\s*(<=|>=|==|<|>)\s*(-?\d{1,15}(?:\.\d{1,15})?)$/;

/** The condition of `result <= 5`; null when the text is none. */
export function parseCondition(text: string): Condition | null {
  const [, operator, threshold] = WRITTEN.exec(text.trim()) ?? [];
  return operator === undefined ? null : { operator: operator as Operator, threshold: Number(threshold) };
}

function holds({ operator, threshold }: Condition, value: number): boolean {
  switch (operator) {
    case '<':
      return value < threshold;
    case '<=':
      return value <= threshold;
    case '>':
      return value > threshold;
    case '>=':
      return value >= threshold;
    case '==':
      return value === threshold;
  }
}

/** Both conditions of a metric; null is one that was not given. */
export interface Conditions {
  readonly success: Condition | null;
  readonly failure: Condition | null;
}

/**
 * What a measured value means, as Argo Rollouts decides it: failure beats success; with one condition the other is its
 * opposite; with two, a value that meets neither is inconclusive; with none every number is a success. No value at all
 * is an error. NaN is always inconclusive (in Argo it fails or passes by which condition was given).
 */
export function outcomeOf(value: number | null, { success, failure }: Conditions): Outcome {
  if (value === null) return 'error';
  if (Number.isNaN(value)) return 'inconclusive';
  if (failure !== null && holds(failure, value)) return 'failure';
  if (success === null || holds(success, value)) return 'success';
  return failure === null ? 'failure' : 'inconclusive';
}
