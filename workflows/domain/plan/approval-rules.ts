import type { ApprovalPolicy } from '../approvals/approval.ts';
import type { ApprovalsSpec, PolicySpec } from '../environments/policy.schema.ts';
import type { Problem } from '../environments/problem.ts';

/** Where approvals may be set, nearest first wins. */
export interface ApprovalSources {
  readonly plan: ApprovalsSpec | null;
  readonly environment: ApprovalsSpec | null;
  readonly configuration: ApprovalsSpec | null;
  /** Whether the environment asks for approval at all. */
  readonly required: boolean;
  /** Strategy `immediate` asks for `approvals.immediate` where that is set. */
  readonly immediate: boolean;
  readonly waves: number;
}

export interface SettledApprovals {
  readonly policy: ApprovalPolicy;
  /** Waves (1-based) that wait for an approval of their own. */
  readonly beforeWaves: readonly number[];
  readonly problems: readonly Problem[];
}

/**
 * Who must approve, and before which waves. A plan may ask for more people or more waves than its environment, never for
 * fewer, and not for another role than the one set there: otherwise its author would choose their own approvers.
 */
export function settleApprovals(sources: ApprovalSources): SettledApprovals {
  const floor = policyOf([sources.environment, sources.configuration], sources.immediate);
  const policy = policyOf([sources.plan, sources.environment, sources.configuration], sources.immediate);
  const problems = [...weakened(sources, floor, policy), ...missingWaves(sources)];
  return {
    policy: { quorum: 1, role: 'approver', expiresInMs: null, ...policy },
    beforeWaves: openingWaves(sources),
    problems,
  };
}

type PartialPolicy = Partial<ApprovalPolicy>;

function policyOf(specs: readonly (ApprovalsSpec | null)[], immediate: boolean): PartialPolicy {
  const given = specs.filter((one) => one !== null);
  // Every source's word on `immediate` outweighs every source's general word.
  const ranked: PolicySpec[] = [...(immediate ? given.flatMap((one) => one.immediate ?? []) : []), ...given];
  const quorum = ranked.find((one) => one.quorum !== undefined)?.quorum;
  const role = ranked.find((one) => one.role !== undefined)?.role;
  const expiresInMs = ranked.find((one) => one.expires_in !== undefined)?.expires_in;
  return {
    ...(quorum !== undefined && { quorum }),
    ...(role !== undefined && { role }),
    ...(expiresInMs !== undefined && { expiresInMs }),
  };
}

function weakened(sources: ApprovalSources, floor: PartialPolicy, policy: PartialPolicy): Problem[] {
  if (!sources.required || sources.plan === null) return [];
  const path = sources.immediate && sources.plan.immediate ? 'approvals.immediate' : 'approvals';
  const problems: Problem[] = [];
  const least = floor.quorum ?? 1;
  if (policy.quorum !== undefined && policy.quorum < least) {
    const fix = 'A plan may ask for more approvals than its environment, not for fewer.';
    problems.push({ path: `${path}.quorum`, expected: `at least ${least}`, got: String(policy.quorum), fix });
  }
  if (floor.role !== undefined && policy.role !== floor.role) {
    const fix = 'The environment says whose approval counts.';
    problems.push({ path: `${path}.role`, expected: floor.role, got: JSON.stringify(policy.role), fix });
  }
  return problems;
}

function openingWaves({ plan, environment, configuration, required, waves }: ApprovalSources): number[] {
  const asked = required ? [1, ...(environment?.before_waves ?? configuration?.before_waves ?? [])] : [];
  const all = new Set([...asked, ...(plan?.before_waves ?? [])]);
  return [...all].filter((wave) => wave <= waves).sort((a, b) => a - b);
}

/** Waves that only the plan names must exist; a rule of the environment is for plans with more waves, too. */
function missingWaves({ plan, waves }: ApprovalSources): Problem[] {
  const beyond = (plan?.before_waves ?? []).filter((wave) => wave > waves);
  if (beyond.length === 0) return [];
  const fix = `The plan has ${waves} ${waves === 1 ? 'wave' : 'waves'}.`;
  return [{ path: 'approvals.before_waves', expected: `waves from 1 to ${waves}`, got: beyond.join(', '), fix }];
}
