import type { ApproveStep } from '#domain/plan/steps.ts';
import type { RunContext, StepOutcome } from '../run-context.ts';
import { awaitDecision } from './await-decision.ts';

/** Waits until enough people agreed to what the step opens; a rejection or the expiry ends it. */
export function runApproval(step: ApproveStep, run: RunContext): Promise<StepOutcome> {
  const { id: gate, opens, policy } = step;
  return awaitDecision({ gate, opens, policy, takesEarlyDecisions: true }, run);
}
