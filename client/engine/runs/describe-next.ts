import { tally } from '#domain/approvals/approval.ts';
import { counted } from '#domain/counted.ts';
import { describeStep } from '#domain/plan/describe-step.ts';
import type { Step } from '#domain/plan/steps.ts';
import type { RunView } from '#domain/run/run-view.ts';
import type { RunFacts } from './run-facts.ts';
import type { RunStatus } from './run-status.ts';

/** What comes after what a run does now. */
export function describeNext({ status, plan }: RunFacts): string {
  const { view, closed } = status.row;
  if (closed) return 'nothing: the run is over';
  if (view?.state.phase === 'rolling-back')
    return 'ends when every device confirmed its own previous firmware, or names those left';
  const index = view?.step?.index ?? -1;
  const isHeld = view?.state.phase === 'paused' && !isApproved(view);
  const step = plan.steps[isHeld ? Math.max(0, index) : index + 1];
  const text = step ? upcoming(step, status) : 'the last look, then completed';
  return view?.state.phase === 'paused' ? `after resume: ${text}` : text;
}

/** Its approval was given: what it opens comes next. */
const isApproved = ({ waiting }: RunView): boolean =>
  waiting !== null && tally(waiting.policy, waiting.decisions).kind === 'approved';

function upcoming(step: Step, { waves }: RunStatus): string {
  if (step.kind !== 'offer') return describeStep(step);
  const targets = waves.find(({ wave }) => wave === step.wave)?.targets;
  const rate = step.maximumPerMinute === null ? '' : `, at most ${step.maximumPerMinute} a minute`;
  return `wave ${step.wave} of ${step.waves} (${step.label})${targets === undefined ? '' : `: ${counted(targets, 'device')}`}${rate}`;
}
