import { hasExpired, type ApprovalDecision, type ApprovalPolicy } from '../approvals/approval.ts';
import { formatDuration, type Iso } from '../time.ts';

/** A decision given on a plan before its run, as it stands now. */
export interface JudgedDecision {
  /** With the roles that the person has now. */
  readonly decision: ApprovalDecision;
  /** Why it does not count any more; null while it does. */
  readonly lapsed: string | null;
}

interface Present {
  readonly policy: ApprovalPolicy;
  /** As the configuration has them now. */
  readonly people: Readonly<Record<string, { readonly roles: readonly string[] }>>;
  readonly now: Iso;
}

/** Judges early decisions anew: the person may have lost the role, or given their word too long ago. */
export function judgeDecisions(decisions: readonly ApprovalDecision[], present: Present): JudgedDecision[] {
  return decisions.map((given) => {
    const { by } = given;
    const roles = (Object.hasOwn(present.people, by) ? present.people[by]?.roles : undefined) ?? [];
    return { decision: { ...given, roles }, lapsed: lapseOf({ ...given, roles }, present) };
  });
}

export const standing = (judged: readonly JudgedDecision[]): ApprovalDecision[] =>
  judged.flatMap(({ decision, lapsed }) => (lapsed === null ? [decision] : []));

function lapseOf({ by, at, roles }: ApprovalDecision, { policy, now }: Present): string | null {
  if (!roles.includes(policy.role)) return `${by} does not have the role ${policy.role} any more`;
  return hasExpired({ at }, policy, now)
    ? `it was given more than ${formatDuration(policy.expiresInMs ?? 0)} ago`
    : null;
}
