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
  const unentitled = refusePerson(claim, { author, role: policy.role });
  if (unentitled) return unentitled;
  const earlier = decided.find((one) => one.by === claim.by);
  if (earlier) {
    const decision = earlier.decision === 'approve' ? 'approved' : 'rejected';
    return errorReport('APPROVAL_ALREADY_GIVEN', { by: earlier.by, at: earlier.at, decision });
  }
  return null;
}

/** Four eyes and the role: who may decide on a plan, whichever way. */
export function refusePerson(
  { by, roles }: Pick<Claim, 'by' | 'roles'>,
  { author, role }: { readonly author: string; readonly role: string },
): ErrorReport | null {
  if (by === author) return errorReport('APPROVAL_BY_AUTHOR', { by });
  return roles.includes(role) ? null : errorReport('APPROVAL_ROLE_MISSING', { by, role, roles: roles.join(', ') });
}
