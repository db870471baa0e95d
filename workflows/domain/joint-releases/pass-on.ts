import type { ApprovalDecision } from '../approvals/approval.ts';
import type { PlannedMember } from '../plan/joint-plan.ts';
import type { Iso } from '../time.ts';

interface Passing {
  readonly member: Pick<PlannedMember, 'digest'>;
  /** As people call it. */
  readonly release: string;
  /** When the member is started. */
  readonly at: Iso;
}

/**
 * The approvals of a release as its member counts them: one word covers all, as the release's digest covers the digests of
 * its members. Given anew at the start, because how long a release waited for its window is no doubt about it.
 */
export const passOn = (decisions: readonly ApprovalDecision[], { member, release, at }: Passing): ApprovalDecision[] =>
  decisions
    .filter(({ decision }) => decision === 'approve')
    .map((given) => ({
      ...given,
      digest: member.digest,
      comment: `with release ${release}, at ${given.at}${given.comment === '' ? '' : `: ${given.comment}`}`,
      at,
    }));
