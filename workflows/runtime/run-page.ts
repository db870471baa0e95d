import { failures, NO_COUNTS, pending } from '#domain/fleet/counts.ts';
import { describeStep } from '#domain/plan/describe-step.ts';
import type { RunPlan } from '#domain/plan/run-plan.ts';
import { isClosed, type RunState } from '#domain/run/run-state.ts';
import { describeInterrupt } from '#domain/run/refusal.ts';
import type { RunView, WaveView } from '#domain/run/run-view.ts';

/** A run on one Markdown page: what it does, why, since when, what comes next, who can act and how to go back. */
export function runPage(view: RunView, plan: RunPlan): string {
  const next = view.step ? plan.steps[view.step.index + 1] : plan.steps[0];
  const closed = isClosed(view.state.phase);
  const lines = [
    `## ${view.name}: ${view.firmware.name} ${view.firmware.version} → ${view.environment}`,
    `**${view.state.phase}** since ${view.state.since}${view.pausing ? ' (pausing)' : ''}`,
    '',
    `- **doing**: ${doing(view)}`,
    `- **why**: plan ${view.planId} by ${view.author}, digest ${view.digest.slice(0, 12)}${why(view.state)}`,
    `- **next**: ${closed || !next ? 'nothing' : describeStep(next)}`,
    `- **who can act**: ${whoCanAct(view)}`,
    `- **way back**: ${closed ? 'the run is over' : `sluice deploy rollback --execution-id ${view.run} --reason "…"`}`,
    '',
    ...waveTable(view.waves),
  ];
  return lines.join('\n');
}

function doing(view: RunView): string {
  const isOpen = !isClosed(view.state.phase) && view.state.phase !== 'rolling-back';
  if (isOpen && view.interrupt) return `stopping: ${describeInterrupt(view)}`;
  if (view.waiting) return `waiting for ${view.waiting.gate}: ${missing(view)} of role ${view.waiting.policy.role}`;
  return view.step ? `${view.step.summary} (step ${view.step.index + 1} of ${view.steps})` : view.state.phase;
}

function why(state: RunState): string {
  return 'reason' in state ? `; ${state.reason}` : '';
}

function missing(view: RunView): string {
  const waiting = view.waiting;
  if (!waiting) return '';
  const count = waiting.policy.quorum - new Set(waiting.decisions.map((one) => one.by)).size;
  return `${count} more ${count === 1 ? 'approval' : 'approvals'}`;
}

function whoCanAct(view: RunView): string {
  if (isClosed(view.state.phase)) return 'nobody needs to';
  if (view.waiting)
    return `role ${view.waiting.policy.role}: sluice approve ${view.run} (or reject); not ${view.author}`;
  if (view.state.phase === 'paused') return `anybody: sluice deploy resume --execution-id ${view.run}`;
  if (view.state.phase === 'rolling-back') return 'nobody: it ends by itself';
  return `anybody: sluice deploy pause|cancel|rollback --execution-id ${view.run}`;
}

function waveTable(waves: readonly WaveView[]): string[] {
  const rows = waves.map(({ wave, label, state, counts }) => {
    const c = counts ?? NO_COUNTS;
    return `| ${wave} | ${label} | ${state} | ${c.offered} | ${c.succeeded} | ${failures(c)} | ${pending(c)} | ${c.skipped} |`;
  });
  return [
    '| wave | size | state | offered | succeeded | failed | pending | already current |',
    '|---|---|---|---|---|---|---|---|',
    ...rows,
  ];
}
