import type { ApprovalPolicy } from '../approvals/approval.ts';
import type { ApprovalsSpec, PolicySpec } from '../environments/policy.schema.ts';
import type { Problem } from '../environments/problem.ts';
import { weaknesses, type Weakness } from './policy-floor.ts';

/** Where approvals may be set, nearest first wins. */
export interface ApprovalSources {
  readonly plan: ApprovalsSpec | null;
  readonly environment: ApprovalsSpec | null;
  readonly configuration: ApprovalsSpec | null;
  /** Whether the environment asks for approval at all. */
  readonly required: boolean;
  /** Whether everything goes out at once: that asks for `approvals.immediate` where it is set. */
  readonly atOnce: boolean;
  readonly waves: number;
}

export interface SettledApprovals {
  readonly policy: ApprovalPolicy;
  /** Waves (1-based) that wait for an approval of their own. */
  readonly beforeWaves: readonly number[];
  readonly problems: readonly Problem[];
}

const DEFAULT_POLICY: ApprovalPolicy = { quorum: 1, role: 'approver', expiresInMs: null };

/**
 * Who must approve, and before which waves. A plan may ask for more people, more waves or less time than its environment,
 * never for the opposite, and not for another role: otherwise its author would choose their own approvers.
 */
export function settleApprovals(sources: ApprovalSources): SettledApprovals {
  const floor = policyFloor(sources);
  const policy = { ...floor, ...givenBy([sources.plan], sources.atOnce) };
  return {
    policy,
    beforeWaves: openingWaves(sources),
    problems: [...weakened(sources, weaknesses(policy, floor)), ...missingWaves(sources)],
  };
}

type Floor = Pick<ApprovalSources, 'environment' | 'configuration' | 'atOnce'>;

/** What environment, configuration and defaults ask for: the least that a plan may ask for. */
export const policyFloor = ({ environment, configuration, atOnce }: Floor): ApprovalPolicy => ({
  ...DEFAULT_POLICY,
  ...givenBy([environment, configuration], atOnce),
});

/** Waves (1-based, as far as there are so many) that wait because the environment says so. */
export function requiredWaves({
  environment,
  configuration,
  required,
  waves,
}: Omit<ApprovalSources, 'plan'>): number[] {
  if (!required) return [];
  const asked = [1, ...(environment?.before_waves ?? configuration?.before_waves ?? [])];
  return [...new Set(asked)].filter((wave) => wave <= waves).sort((a, b) => a - b);
}

function givenBy(specs: readonly (ApprovalsSpec | null)[], atOnce: boolean): Partial<ApprovalPolicy> {
  const given = specs.filter((one) => one !== null);
  // Every source's word on `immediate` outweighs every source's general word.
  const ranked: PolicySpec[] = [...(atOnce ? given.flatMap((one) => one.immediate ?? []) : []), ...given];
  const quorum = ranked.find((one) => one.quorum !== undefined)?.quorum;
  const role = ranked.find((one) => one.role !== undefined)?.role;
  const expiresInMs = ranked.find((one) => one.expires_in !== undefined)?.expires_in;
  return {
    ...(quorum !== undefined && { quorum }),
    ...(role !== undefined && { role }),
    ...(expiresInMs !== undefined && { expiresInMs }),
  };
}

const FIX: Readonly<Record<Weakness['field'], string>> = {
  quorum: 'A plan may ask for more approvals than its environment, not for fewer.',
  role: 'The environment says whose approval counts.',
  expires_in: 'A plan may give people less time to decide than its environment, not more.',
};

function weakened({ required, plan, atOnce }: ApprovalSources, found: readonly Weakness[]): Problem[] {
  if (!required) return [];
  return found.map(({ field, expected, got }) => {
    const path = atOnce && plan?.immediate?.[field] !== undefined ? 'approvals.immediate' : 'approvals';
    const everything = atOnce ? ' Everything goes out at once here.' : '';
    return { path: `${path}.${field}`, expected, got, fix: `${FIX[field]}${everything}` };
  });
}

function openingWaves({ plan, ...rest }: ApprovalSources): number[] {
  const all = new Set([...requiredWaves(rest), ...(plan?.before_waves ?? [])]);
  return [...all].filter((wave) => wave <= rest.waves).sort((a, b) => a - b);
}

/** Waves that only the plan names must exist; a rule of the environment is for plans with more waves, too. */
function missingWaves({ plan, waves }: ApprovalSources): Problem[] {
  const beyond = (plan?.before_waves ?? []).filter((wave) => wave > waves);
  if (beyond.length === 0) return [];
  const fix = `The plan has ${waves} ${waves === 1 ? 'wave' : 'waves'}.`;
  return [{ path: 'approvals.before_waves', expected: `waves from 1 to ${waves}`, got: beyond.join(', '), fix }];
}
