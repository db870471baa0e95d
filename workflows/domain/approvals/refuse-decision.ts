import { errorReport, type ErrorReport } from '../errors/failure.ts';
import type { ApprovalDecision, ApprovalPolicy } from './approval.ts';

export interface DecisionContext {
  readonly run: string;
  readonly digest: string;
  /** The plan's author: never counts (four eyes). */
  readonly author: string;
  readonly policy: ApprovalPolicy;
  readonly decided: readonly ApprovalDecision[];
}

type Claim = Pick<ApprovalDecision, 'by' | 'roles' | 'digest'>;

/** Why this person's decision does not count, or null when it does. Pure: the same for updates, signals and dry runs. */
export function refuseDecision(claim: Claim, context: DecisionContext): ErrorReport | null {
  const { run, digest, author, policy, decided } = context;
  if (claim.digest !== null && claim.digest !== digest) {
    return errorReport('APPROVAL_DIGEST_MISMATCH', { run, expected: digest, got: claim.digest });
  }
  if (claim.by === author) return errorReport('APPROVAL_BY_AUTHOR', { by: claim.by });
  if (!claim.roles.includes(policy.role)) {
    return errorReport('APPROVAL_ROLE_MISSING', { by: claim.by, role: policy.role, roles: claim.roles.join(', ') });
  }
  const earlier = decided.find((one) => one.by === claim.by);
  if (earlier) {
    const decision = earlier.decision === 'approve' ? 'approved' : 'rejected';
    return errorReport('APPROVAL_ALREADY_GIVEN', { by: earlier.by, at: earlier.at, decision });
  }
  return null;
}
