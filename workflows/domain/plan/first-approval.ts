import type { Plan } from './plan.ts';
import type { ApproveStep } from './steps.ts';

/** The approval for which decisions on the plan itself count; null when the plan waits for none. */
export function firstApproval({ steps }: Pick<Plan, 'steps'>): ApproveStep | null {
  return steps.find((step) => step.kind === 'approve') ?? null;
}
