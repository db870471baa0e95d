import { approvalOf } from '../approvals/approval.ts';
import { counted, inWords } from '../counted.ts';
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
      return `wave ${step.wave} of ${step.waves}: ${step.operation === undefined ? 'offer to ' : ''}${step.label}`;
    case 'bake':
      return `bake ${formatDuration(step.durationMs)} after ${step.after ?? `wave ${step.wave}`}`;
    case 'pull':
      return 'pull the image';
    case 'stage':
      return `start ${counted(step.replicas.length, 'instance')} of the new version`;
    case 'verify':
      return `wait until ${counted(step.replicas.length, 'new instance')} ${step.replicas.length === 1 ? 'is' : 'are'} ready`;
    case 'shift':
      return `${step.weightBasisPoints / 100} % of the traffic to the new version`;
    case 'retire':
      return step.keep === 0
        ? 'remove the old instances'
        : `remove old instances until ${step.keep} ${step.keep === 1 ? 'is' : 'are'} left`;
    case 'hold':
      return step.action === 'begin' ? 'let requests wait' : 'let the waiting requests go';
    case 'hook':
      return `hook ${step.hook.name}`;
    case 'deploy':
      return `wave ${step.wave} of ${step.waves}: deploy ${inWords(step.members)}`;
  }
}
