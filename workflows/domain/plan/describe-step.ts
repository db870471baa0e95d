import { approvalOf } from '../approvals/approval.ts';
import { formatDuration } from '../time.ts';
import type { Step } from './steps.ts';

/** A step in a few words, as it stands beside activities, timers and in lists. */
export function describeStep(step: Step): string {
  switch (step.kind) {
    case 'gate':
      return `gate ${step.gate}${step.required ? '' : ' (not required)'}`;
    case 'approve':
      return `${approvalOf(step.opens)} (${step.policy.quorum} of role ${step.policy.role})`;
    case 'offer':
      return `wave ${step.wave} of ${step.waves}: offer to ${step.label}`;
    case 'bake':
      return `bake ${formatDuration(step.durationMs)} after wave ${step.wave}`;
  }
}
