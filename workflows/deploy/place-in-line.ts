import { CancelledFailure } from '@temporalio/workflow';
import type { Step } from '#domain/plan/steps.ts';
import { awaitWindow, waitsForWindow } from './await-window.ts';
import type { RunContext, StepOutcome } from './run-context.ts';

/** True for a step that has to wait before it begins: for its window, or for the run's turn. */
export const mustWait = (step: Step, run: RunContext): boolean =>
  waitsForWindow(step, run) || (needsPlace(step) && isInLine(run));

/** Without a place, or not yet shown as one that has it: its turn may come while it is paused. */
export const isInLine = ({ place, record }: RunContext): boolean => place.isMissing || record.state.phase === 'queued';

/** Steps that only ask or wait pass whoever is under way. */
const needsPlace = (step: Step): boolean =>
  step.kind !== 'approve' && step.kind !== 'bake' && !(step.kind === 'gate' && step.check.run === 'manual');

/**
 * Waits until the step may begin: its window is open, and it is the run's turn. A window that closed while it waited for its
 * turn is waited for again. The result is null, or that its scheduled time is over.
 */
export async function untilMayBegin(run: RunContext, step: Step): Promise<StepOutcome | null> {
  for (;;) {
    const over = waitsForWindow(step, run) ? await awaitWindow(run) : null;
    if (over) return over;
    if (!needsPlace(step) || !isInLine(run)) return null;
    await takeTurn(run);
  }
}

/** Waits for the run's turn. Open to every command meanwhile; a pause lets others go first. */
export async function takeTurn({ record, controls, place }: RunContext): Promise<void> {
  const { name } = record.input.plan.environment;
  if (record.state.phase === 'running') record.move({ type: 'queued' }, `waits for its turn in ${name}`);
  await controls.holdable(() => controls.resting(() => place.enter()));
  // A pause that came in the same moment as the turn must not be passed over.
  if (controls.isPauseWanted) throw new CancelledFailure('held');
  record.move({ type: 'started' }, `it is its turn in ${name}`);
}
