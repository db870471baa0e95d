import type { RunFactsForPolicy } from '../policy/policy-facts.ts';
import type { RunRef } from './fleet.port.ts';

export type EvaluatePolicyInput = RunRef & RunFactsForPolicy;

/** A rule that keeps a step from its beginning. */
export interface PolicyDenial {
  readonly rule: string;
  readonly when: string;
  readonly message: string;
  /** `unevaluable`: nobody could tell, so nothing begins. */
  readonly why: 'false' | 'unevaluable';
  /** Of one that cannot be evaluated: the reason. */
  readonly detail: string;
  /** What it asked and found, by the names that it asked by. */
  readonly values: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/** `rules` is the SHA-256 of the rules that were asked; null: the environment has none. */
export type PolicyVerdict =
  | { readonly kind: 'allowed'; readonly rules: string | null }
  | { readonly kind: 'denied'; readonly rules: string; readonly denials: readonly PolicyDenial[] };

/** Implemented by `activities/policy`; queue `data`. */
export interface PolicyActivities {
  /** Asks the rules that the environment of the run has now, before the step at `index`. A denial is a value. */
  evaluatePolicy(input: EvaluatePolicyInput): Promise<PolicyVerdict>;
}
