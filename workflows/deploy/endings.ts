import { ActivityFailure, allHandlersFinished, CancellationScope, condition } from '@temporalio/workflow';
import type { RunResult } from '#domain/run/run-input.ts';
import type { RunEvent } from '#domain/run/transition.ts';
import type { Interrupt } from '#domain/run/run-view.ts';
import { fleetActivities, runRef, type RunContext } from './run-context.ts';
import { stopInput } from './way-back.ts';

/** Ends a run whose steps all passed. */
export function complete(run: RunContext): Promise<RunResult> {
  return ending(run, async () => close(run, { type: 'completed' }, 'completed'));
}

/** Ends a run that went bad: taken back if it had an effect, failed or cancelled if not. */
export function endBadly(
  run: RunContext,
  end: { reason: string; withoutEffect: 'failed' | 'cancelled' },
): Promise<RunResult> {
  return ending(run, async () => {
    if (!run.compensations.isEmpty) return rollBack(run, end.reason);
    return close(run, { type: end.withoutEffect, reason: end.reason }, `${end.withoutEffect}: ${end.reason}`);
  });
}

/** Ends a run that somebody or something stopped. */
export function endInterrupted(run: RunContext, interrupt: Interrupt): Promise<RunResult> {
  return ending(run, async () => {
    switch (interrupt.why) {
      case 'cancel':
        return cancel(run, `${interrupt.by}: ${interrupt.reason}`);
      case 'unanswered':
        return leaveUnanswered(run, interrupt.summary);
      case 'roll-back':
        return rollBack(run, `${interrupt.by}: ${interrupt.reason}`);
      case 'breach':
        return rollBack(run, interrupt.summary);
    }
  });
}

/** Everything on the way out runs where no cancel reaches it; the journal is complete before the run returns. */
function ending(run: RunContext, work: () => Promise<RunResult>): Promise<RunResult> {
  return CancellationScope.nonCancellable(async () => {
    // Started first and in the same turn: between the last step and the closed phase no command may slip in unanswered.
    const [result] = await Promise.all([work(), run.watch.stop()]);
    await run.record.journal.drain();
    await condition(allHandlersFinished);
    await run.record.journal.drain();
    return result;
  });
}

/** Takes back every registered effect, newest first. What could not be undone is counted and named. */
async function rollBack(run: RunContext, reason: string): Promise<RunResult> {
  const { record, compensations } = run;
  record.waiting = null;
  record.stopWaves();
  record.move({ type: 'rollback-begun', reason }, `rolling back: ${reason}`);
  record.journal.record('rollback-started', reason);
  let left = 0;
  for (let next = compensations.pop(); next; next = compensations.pop()) {
    left += await undo(run, next, reason);
  }
  if (left === 0) return close(run, { type: 'rolled-back' }, `rolled back: ${reason}`);
  return close(run, { type: 'left-incomplete', reason, left }, `rollback incomplete: ${left} devices left; ${reason}`);
}

type Undo = NonNullable<ReturnType<RunContext['compensations']['pop']>>;

async function undo(run: RunContext, { id, undo: takeBack }: Undo, reason: string): Promise<number> {
  const { journal } = run.record;
  try {
    const outcome = await takeBack(reason);
    const { offered, returned, left, examples } = outcome;
    journal.record('rollback-ended', `${returned} of ${offered} devices returned, ${left} left`, {
      offered,
      returned,
      left,
      examples,
    });
    return left;
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    const why = String(error.cause?.message ?? error.message);
    journal.record('compensation-failed', `${id} could not be taken back: ${why}`, { compensation: id, why });
    return Math.max(1, await devicesTouched(run));
  }
}

async function devicesTouched(run: RunContext): Promise<number> {
  const counts = await fleetActivities(run, 'count what is left').countRun(runRef(run));
  return counts.offered - counts.queued;
}

/** Stops and leaves what is installed. */
async function cancel(run: RunContext, reason: string): Promise<RunResult> {
  const { record, compensations } = run;
  record.waiting = null;
  if (!compensations.isEmpty) {
    const offers = fleetActivities(run, 'withdraw what is not installed yet');
    const outcome = await offers.withdrawOffers(stopInput(run, reason));
    const { withdrawn, acknowledged, unacknowledged } = outcome;
    record.journal.record('step-ended', `withdrawn from ${withdrawn} devices, ${acknowledged} acknowledged`, {
      withdrawn,
      acknowledged,
      unacknowledged,
    });
  }
  return close(run, { type: 'cancelled', reason }, `cancelled: ${reason}`);
}

/** Nobody answered a breach in time: no further effect, and what is left on the new version is listed. */
async function leaveUnanswered(run: RunContext, summary: string): Promise<RunResult> {
  const reason = `nobody answered in time: ${summary}`;
  const fleet = fleetActivities(run, 'list what is left on the new version');
  const { left, examples } = await fleet.leaveFleet(runRef(run));
  run.record.journal.record('rollback-ended', `nothing taken back, ${left} left`, { left, examples });
  return close(run, { type: 'left-incomplete', reason, left }, `rollback incomplete: ${reason}`);
}

function close(run: RunContext, event: RunEvent, summary: string): RunResult {
  const { record } = run;
  record.waiting = null;
  record.step = null;
  record.pausing = false;
  record.stopWaves();
  record.move(event, summary);
  const { state } = record;
  const reason = 'reason' in state ? state.reason : '';
  const left = state.phase === 'rollback-incomplete' ? state.left : 0;
  record.journal.record('run-ended', summary, { phase: state.phase, reason, left });
  return { phase: state.phase, reason, left };
}
