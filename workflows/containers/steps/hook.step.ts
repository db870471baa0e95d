import { proxyActivities } from '@temporalio/workflow';
import { describeStep } from '#domain/plan/describe-step.ts';
import type { HookAction } from '#domain/plan/hook.ts';
import type { HookStep } from '#domain/plan/steps.ts';
import type { ReleaseActivities, ReleaseOutcome, ReleaseUndone } from '#domain/ports/release.port.ts';
import { runRef, type RunContext, type StepOutcome } from '../../deploy/run-context.ts';
import { gateCheck } from '../../runtime/profiles.ts';

/** Runs a hook; what undoes it was registered before. */
export async function runHookStep(step: HookStep, run: RunContext): Promise<StepOutcome> {
  const { compensation } = step.hook;
  if (compensation !== null) {
    run.compensations.register({ id: step.id, undo: () => undo(step, compensation, run) });
  }
  const outcome = await act(step, step.hook.action, run, 'action');
  if (outcome.kind === 'done') return { kind: 'passed', summary: outcome.summary, facts: outcome.facts };
  return { kind: 'failed', summary: outcome.summary, facts: { evidence: outcome.evidence } };
}

async function undo(step: HookStep, compensation: HookAction, run: RunContext): Promise<ReleaseUndone> {
  const outcome = await act(step, compensation, run, 'compensation');
  if (outcome.kind === 'done') return { left: 0, summary: outcome.summary, facts: outcome.facts };
  return { left: 1, summary: outcome.summary, facts: { hook: step.hook.name, evidence: outcome.evidence } };
}

function act(
  step: HookStep,
  { timeoutMs }: HookAction,
  run: RunContext,
  action: 'action' | 'compensation',
): Promise<ReleaseOutcome> {
  const summary = action === 'action' ? describeStep(step) : `undo ${describeStep(step)}`;
  const { runHook } = proxyActivities<ReleaseActivities>({
    ...gateCheck(timeoutMs),
    taskQueue: run.record.input.queues.docker,
    summary,
  });
  const input = { ...runRef(run), step: step.id, hook: step.hook, action };
  if (action === 'compensation') return runHook(input);
  return run.record.journal.carriedBy((carried) => runHook({ ...input, ...carried }));
}
