import { Context } from '@temporalio/activity';
import type { Environment } from '#domain/environments/environment.ts';
import type { Plan } from '#domain/plan/plan.ts';
import { policyFacts } from '#domain/policy/policy-facts.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import type { EvaluatePolicyInput, PolicyActivities, PolicyVerdict } from '#domain/ports/policy.port.ts';
import { guarded } from '../runtime/guard.ts';
import { withHeartbeat } from '../runtime/heartbeat.ts';
import { judgeStep } from './judge-step.ts';

export interface PolicyDeps {
  /** The plan of a run, and no other. */
  readonly plan: (ref: RunRef) => Promise<Plan>;
  /** The environment as it is stored now; null: there is none. */
  readonly environment: (name: string) => Promise<Environment | null>;
}

/** Asks the rules of environments. A database that is away makes the activity fail as one that is tried again. */
export function createPolicyActivities(deps: PolicyDeps): PolicyActivities {
  return { evaluatePolicy: guarded((input) => withHeartbeat(() => evaluatePolicy(deps, input))) };
}

async function evaluatePolicy(deps: PolicyDeps, input: EvaluatePolicyInput): Promise<PolicyVerdict> {
  const { run, planId, digest } = input;
  const plan = await deps.plan({ run, planId, digest });
  const environment = await deps.environment(plan.environment.name);
  if (environment === null || environment.policyRules.length === 0) return { kind: 'allowed', rules: null };
  // Its members ask for themselves.
  if (plan.kind === 'joint-release') return { kind: 'allowed', rules: null };
  // The server's clock: the same for all workers, and that of a rehearsal in one.
  const now = new Date(Context.current().info.currentAttemptScheduledTimestampMs).toISOString();
  return judgeStep(environment, policyFacts(input, { plan, digest, environment, now }));
}
