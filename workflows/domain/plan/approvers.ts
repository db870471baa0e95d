import type { ApprovalPolicy } from '../approvals/approval.ts';
import type { WholeConfiguration } from '../environments/references.ts';
import { policyFloor } from './approval-rules.ts';
import type { Plan } from './plan.ts';
import type { Step } from './steps.ts';

type People = Readonly<Record<string, { readonly roles: readonly string[] }>>;

/** Names of those whose word counts under `policy`. */
function ableOf(people: People, { role }: ApprovalPolicy): string[] {
  return Object.entries(people).flatMap(([name, { roles }]) => (roles.includes(role) ? [name] : []));
}

/** What is allowed but will stop a run: environments whose approvals nobody, or not enough people, can give. */
export function missingApprovers({ configuration, environments }: WholeConfiguration): string[] {
  const people = configuration.people ?? {};
  return environments.flatMap(({ name, approvalRequired, approvals: environment }) => {
    if (!approvalRequired) return [];
    const policies = [false, true].map((atOnce) => {
      const policy = policyFloor({ environment, configuration: configuration.approvals ?? null, atOnce });
      return { policy, when: atOnce ? ' where everything goes out at once' : '' };
    });
    const [always, atOnce] = policies.filter(({ policy }) => ableOf(people, policy).length < policy.quorum);
    const isSame = always && atOnce && askText(always.policy) === askText(atOnce.policy);
    return [always, ...(isSame ? [] : [atOnce])].flatMap((one) => {
      if (!one) return [];
      const able = ableOf(people, one.policy).length;
      return [`environment ${name} asks for ${askText(one.policy)}${one.when}, and people: names ${able} with it`];
    });
  });
}

const askText = ({ quorum, role }: ApprovalPolicy): string => `${quorum} of role ${role}`;

/** The same for the approvals and manual gates of a plan, whose author counts for none of them. */
export function missingForPlan({ steps, author }: Pick<Plan, 'steps' | 'author'>, people: People): string[] {
  const asked = steps.flatMap((step) => {
    const policy = policyOf(step);
    const able = policy === null ? [] : ableOf(people, policy).filter((name) => name !== author);
    return policy !== null && able.length < policy.quorum ? [{ id: step.id, policy, able: able.length }] : [];
  });
  const alike = Map.groupBy(asked, ({ policy }) => `${askText(policy)} ${policy.expiresInMs === null}`);
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const ids = group.map(({ id }) => id).join(', ');
    const wait = first.policy.expiresInMs === null ? 'wait for ever' : 'wait until it expires';
    const named = `people: names ${first.able} with it besides the author ${author}`;
    return [`${ids}: ${askText(first.policy)} needed, and ${named}: the run would ${wait}`];
  });
}

function policyOf(step: Step): ApprovalPolicy | null {
  if (step.kind === 'approve') return step.policy;
  return step.kind === 'gate' && step.check.run === 'manual' ? step.check.policy : null;
}
