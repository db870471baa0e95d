import type { ApprovalPolicy } from '../approvals/approval.ts';
import { formatDuration } from '../time.ts';

/** One way in which a policy asks for less than it must. */
export interface Weakness {
  /** As the files spell it. */
  readonly field: 'quorum' | 'role' | 'expires_in';
  readonly expected: string;
  readonly got: string;
}

/** Where `policy` falls below `floor`: fewer people, another role, or more time to decide. More people or less time is no weakness. */
export function weaknesses(policy: ApprovalPolicy, floor: ApprovalPolicy): Weakness[] {
  const found: Weakness[] = [];
  if (policy.quorum < floor.quorum) {
    found.push({ field: 'quorum', expected: `at least ${floor.quorum}`, got: String(policy.quorum) });
  }
  if (policy.role !== floor.role) {
    found.push({ field: 'role', expected: floor.role, got: JSON.stringify(policy.role) });
  }
  const most = floor.expiresInMs;
  if (most !== null && (policy.expiresInMs === null || policy.expiresInMs > most)) {
    const got = policy.expiresInMs === null ? 'never' : formatDuration(policy.expiresInMs);
    found.push({ field: 'expires_in', expected: `at most ${formatDuration(most)}`, got });
  }
  return found;
}
