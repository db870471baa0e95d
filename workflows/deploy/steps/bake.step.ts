import { sleep } from '@temporalio/workflow';
import { describeStep } from '#domain/plan/describe-step.ts';
import type { BakeStep } from '#domain/plan/steps.ts';
import { msUntil } from '../../runtime/clock.ts';
import type { RunContext, StepOutcome } from '../run-context.ts';

/** Waits while the watch looks on. A pause does not stop the clock of a bake; a question does. */
export async function runBake(step: BakeStep, { controls, stepTime }: RunContext): Promise<StepOutcome> {
  const summary = describeStep(step);
  if (step.durationMs > 0) {
    await stepTime.spend({ id: step.id, totalMs: step.durationMs }, (endsAt) =>
      controls.holdable(() => controls.resting(() => sleep(msUntil(endsAt), { summary }))),
    );
  }
  return { kind: 'passed', summary: `${summary}: nothing found` };
}
