import { takesAllAtOnce } from './at-once.ts';
import { gateWeaknesses } from './gate-floor.ts';
import type { FleetPlan } from './plan.ts';
import { floorOf, type PlanFloor, type RuleSources } from './plan-floor.ts';
import { weaknesses } from './policy-floor.ts';
import type { ApproveStep, Step } from './steps.ts';

type Judged = Pick<FleetPlan, 'steps' | 'strategy' | 'waves' | 'selection'>;

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
    // More than one where slots are looked at once they are filled, and again at the end.
    const same = planned.filter((one) => one.gate === floor.gate && one.phase === floor.phase);
    const weak = (same.length === 0 ? [null] : same).flatMap((gate) => gateWeaknesses(gate, floor));
    return weak.map(({ at, expected, got }) => {
      return `gate ${floor.gate}${at === '' ? '' : ` (${at})`} has to be ${expected}, the plan has ${got}`;
    });
  });
}
