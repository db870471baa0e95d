import { takesAllAtOnce } from './at-once.ts';
import { gateWeaknesses } from './gate-floor.ts';
import type { Plan } from './plan.ts';
import { floorOf, type PlanFloor, type RuleSources } from './plan-floor.ts';
import { weaknesses } from './policy-floor.ts';
import type { ApproveStep, Step } from './steps.ts';

type Judged = Pick<Plan, 'steps' | 'strategy' | 'waves' | 'selection'>;

/**
 * What environment and configuration ask for now and the plan does not, in words; empty while it may be run. Rules that
 * became looser do not matter: a plan keeps what was approved.
 */
export function staleness(plan: Judged, rules: RuleSources): string[] {
  const atOnce = takesAllAtOnce(plan, plan.selection);
  const floor = floorOf(rules, { atOnce, waves: plan.waves.length });
  return [...new Set([...weakApprovals(plan.steps, floor), ...weakGates(plan.steps, floor)])];
}

function weakApprovals(steps: readonly Step[], { approvedWaves, policy }: PlanFloor): string[] {
  return approvedWaves.flatMap((wave) => {
    const approval = approvalOf(steps, wave);
    if (approval === null) return [`wave ${wave} has to be approved`];
    return weaknesses(approval.policy, policy).map(({ field, expected, got }) => {
      return `approvals.${field} has to be ${expected}, the plan has ${got}`;
    });
  });
}

/** The approval that stands before a wave's offer. */
function approvalOf(steps: readonly Step[], wave: number): ApproveStep | null {
  const before = steps[steps.findIndex((step) => step.kind === 'offer' && step.wave === wave) - 1];
  return before?.kind === 'approve' ? before : null;
}

function weakGates(steps: readonly Step[], { gates }: PlanFloor): string[] {
  const planned = steps.filter((step) => step.kind === 'gate');
  return gates.flatMap((floor) => {
    const gate = planned.find((one) => one.gate === floor.gate && one.phase === floor.phase) ?? null;
    return gateWeaknesses(gate, floor).map(({ at, expected, got }) => {
      return `gate ${floor.gate}${at === '' ? '' : ` (${at})`} has to be ${expected}, the plan has ${got}`;
    });
  });
}
