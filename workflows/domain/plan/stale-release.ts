import type { ContainerPlan } from './container-plan.ts';
import { firstApproval } from './first-approval.ts';
import { gateWeaknesses } from './gate-floor.ts';
import { floorOf, type PlanFloor, type RuleSources } from './plan-floor.ts';
import { weaknesses } from './policy-floor.ts';
import { releaseShape } from './settle-release.ts';

type Judged = Pick<ContainerPlan, 'steps' | 'strategy'>;

/** What environment and configuration ask for now and a release's plan does not, in words; empty while it may be run. */
export function staleRelease(plan: Judged, rules: RuleSources): string[] {
  const floor = floorOf(rules, releaseShape(plan.strategy));
  return [...new Set([...weakApproval(plan, floor), ...weakGates(plan, floor)])];
}

function weakApproval(plan: Judged, { approvedWaves, policy }: PlanFloor): string[] {
  if (approvedWaves.length === 0) return [];
  const approval = firstApproval(plan);
  if (approval === null) return ['it has to be approved'];
  return weaknesses(approval.policy, policy).map(
    ({ field, expected, got }) => `approvals.${field} has to be ${expected}, the plan has ${got}`,
  );
}

function weakGates({ steps }: Judged, { gates }: PlanFloor): string[] {
  return gates.flatMap((floor) => {
    const gate = steps.filter((step) => step.kind === 'gate').find((one) => isSame(one, floor)) ?? null;
    return gateWeaknesses(gate, floor).map(
      ({ at, expected, got }) =>
        `gate ${floor.gate}${at === '' ? '' : ` (${at})`} has to be ${expected}, the plan has ${got}`,
    );
  });
}

const isSame = (one: PlanFloor['gates'][number], other: PlanFloor['gates'][number]): boolean =>
  one.gate === other.gate && one.phase === other.phase;
