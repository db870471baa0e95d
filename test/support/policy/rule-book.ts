// The rules of an environment as a test writes them, asked by the product's own activity.
import { EnvironmentSpec } from '#domain/environments/environment.schema.ts';
import { environmentOf } from '#domain/environments/environment.ts';
import type { Plan } from '#domain/plan/plan.ts';
import type { EvaluatePolicyInput, PolicyActivities } from '#domain/ports/policy.port.ts';
import { createPolicyActivities } from '../../../activities/policy/policy.activities.ts';

/** A rule as people write it. */
export interface WrittenRule {
  readonly name: string;
  readonly when: string;
  readonly message: string;
  readonly steps?: readonly string[];
}

export const rule = (name: string, when: string, steps?: readonly string[]): WrittenRule => ({
  name,
  when,
  message: `${name} has to hold`,
  ...(steps && { steps }),
});

/** Stands for the tables of plans and environments; changed at any time, as `env apply` does. */
export class RuleBook {
  rules: readonly WrittenRule[];
  /** What is thrown in the place of an answer, as long as it is set. */
  failure: Error | null = null;
  readonly asked: EvaluatePolicyInput[] = [];
  readonly activities: PolicyActivities;
  readonly #plans = new Map<string, Plan>();

  constructor(rules: readonly WrittenRule[] = []) {
    this.rules = rules;
    const real = createPolicyActivities({
      plan: async ({ run }) => this.#planOf(run),
      environment: async (name) => environmentOf(name, EnvironmentSpec.parse({ policy_rules: this.rules })),
    });
    this.activities = {
      evaluatePolicy: (input) => {
        this.asked.push(input);
        if (this.failure) throw this.failure;
        return real.evaluatePolicy(input);
      },
    };
  }

  /** The plan that a run is carried out by. */
  know(run: string, plan: Plan): void {
    this.#plans.set(run, plan);
  }

  #planOf(run: string): Plan {
    const plan = this.#plans.get(run);
    if (!plan) throw new Error(`no plan of ${run}`);
    return plan;
  }
}
