import { firstApproval } from '../plan/first-approval.ts';
import type { Plan } from '../plan/plan.ts';

const DEFAULT_ROLE = 'approver';

/** Whose word counts where a run asks for one beside its approvals: the role that the environment's approvers have. */
export const approverRole = (plan: Pick<Plan, 'environment' | 'steps'>): string =>
  plan.environment.approverRole ?? firstApproval(plan)?.policy.role ?? DEFAULT_ROLE;
