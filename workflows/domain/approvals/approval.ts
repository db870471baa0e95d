import type { Iso } from '../time.ts';

/** Who must agree, and until when. */
export interface ApprovalPolicy {
  /** Distinct people needed. */
  readonly quorum: number;
  /** The role each of them must have. */
  readonly role: string;
  /** Null waits for ever. */
  readonly expiresInMs: number | null;
}

export type Decision = 'approve' | 'reject';

/** One person's word on one gate. `verified: false` until people sign in. */
export interface ApprovalDecision {
  readonly commandId: string;
  readonly by: string;
  readonly via: string;
  readonly roles: readonly string[];
  readonly verified: boolean;
  readonly decision: Decision;
  readonly digest: string | null;
  readonly comment: string;
  readonly at: Iso;
}

export type Tally =
  | { readonly kind: 'waiting'; readonly missing: number }
  | { readonly kind: 'approved'; readonly by: readonly string[] }
  | { readonly kind: 'rejected'; readonly by: string; readonly comment: string };

/** What people are asked for, as they read it: `approval of wave 1 (10 %)`. */
export const approvalOf = (opens: string): string => `approval of ${opens}`;

/** True when a decision is older than the policy lets it count. */
export const hasExpired = ({ at }: Pick<ApprovalDecision, 'at'>, { expiresInMs }: ApprovalPolicy, now: Iso): boolean =>
  expiresInMs !== null && Date.parse(now) - Date.parse(at) >= expiresInMs;

/** The state of a gate after `decisions`: one rejection ends it, `quorum` distinct approvers pass it. */
export function tally(policy: ApprovalPolicy, decisions: readonly ApprovalDecision[]): Tally {
  const rejection = decisions.find((one) => one.decision === 'reject');
  if (rejection) return { kind: 'rejected', by: rejection.by, comment: rejection.comment };
  const by = [...new Set(decisions.filter((one) => one.decision === 'approve').map((one) => one.by))];
  return by.length >= policy.quorum
    ? { kind: 'approved', by }
    : { kind: 'waiting', missing: policy.quorum - by.length };
}
