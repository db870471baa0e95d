import { tally } from '#domain/approvals/approval.ts';
import { counted } from '#domain/counted.ts';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import { describeStep } from '#domain/plan/describe-step.ts';
import type { Plan } from '#domain/plan/plan.ts';
import type { Step } from '#domain/plan/steps.ts';
import { beneathPause, type RunState } from '#domain/run/run-state.ts';
import type { RunView } from '#domain/run/run-view.ts';
import type { RunFacts } from './run-facts.ts';
import type { RunStatus } from './run-status.ts';

/** What comes after what a run does now. */
export function describeNext({ status, plan, events }: RunFacts): string {
  const { view, closed } = status.row;
  if (closed) return 'nothing: the run is over';
  if (view?.state.phase === 'rolling-back') return endOfWayBack(plan);
  const step = plan.steps[nextIndex(view, events)];
  const text = step ? upcoming(step, status) : 'the last look, then completed';
  return view?.state.phase === 'paused' ? `after resume: ${text}` : text;
}

function nextIndex(view: RunView | null, events: readonly JournalEntry[]): number {
  const index = view?.step?.index ?? -1;
  if (!view || index < 0) return 0;
  if (waits(view.state)) return isPassed({ index, id: view.step?.id }, events) ? index + 1 : index;
  const isHeld = view.state.phase === 'paused' && !isApproved(view);
  return isHeld ? index : index + 1;
}

/** For its turn, or for its window. */
function waits(state: RunState): boolean {
  const { phase } = beneathPause(state);
  return phase === 'queued' || phase === 'waiting-for-window';
}

/** A step that a pause or a question held is taken again. */
function isPassed(step: { index: number; id: string | undefined }, events: readonly JournalEntry[]): boolean {
  const isMeant = (data: JournalEntry['data']): boolean => data['index'] === step.index || data['step'] === step.id;
  const last = events.findLast(({ type, data }) => (type === 'step-started' || type === 'step-ended') && isMeant(data));
  return last?.type === 'step-ended' && (last.data['outcome'] === 'passed' || last.data['outcome'] === 'short');
}

function endOfWayBack(plan: Plan): string {
  if (plan.kind === 'fleet-rollout')
    return 'ends when every device confirmed its own previous firmware, or names those left';
  if (plan.kind === 'joint-release') return 'ends when every application runs what it ran before, or names those left';
  const before = plan.present === null ? '' : `${plan.present.version} gets all traffic and `;
  return `ends when ${before}the instances of ${plan.application.version} are gone, or names those left`;
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
