import { allHandlersFinished, CancellationScope, condition } from '@temporalio/workflow';
import { counted } from '#domain/counted.ts';
import type { RunResult } from '#domain/run/run-input.ts';
import type { RunEvent } from '#domain/run/transition.ts';
import type { Interrupt } from '#domain/run/run-view.ts';
import { pinAfter } from './pin-after.ts';
import type { RunContext } from './run-context.ts';
import { takeAllBack } from './take-back.ts';

/** Ends a run whose steps all passed. */
export function complete(run: RunContext): Promise<RunResult> {
  return ending(run, async () => close(run, { type: 'completed' }, 'completed'));
}

/** Ends a run that must not take its first step. */
export function failAtOnce(run: RunContext, reason: string): Promise<RunResult> {
  return ending(run, async () => close(run, { type: 'failed', reason }, `failed: ${reason}`));
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

/**
 * Everything on the way out runs where no cancel reaches it, and ends in a closed phase whatever fails on the way; the
 * journal is complete before the run returns.
 */
function ending(run: RunContext, work: () => Promise<RunResult>): Promise<RunResult> {
  return CancellationScope.nonCancellable(async () => {
    // Started first and in the same turn: between the last step and the closed phase no command may slip in unanswered.
    const [result] = await Promise.all([work(), run.watch.stop()]);
    // Before the journal is complete: a database that is away delays the close, not the environment.
    if (run.place.isWanted) await run.place.leave();
    await run.record.journal.drain();
    await condition(allHandlersFinished);
    await run.record.journal.drain();
    return result;
  });
}

/** Takes back every registered effect, newest first. What could not be undone is counted and named. */
async function rollBack(run: RunContext, reason: string): Promise<RunResult> {
  const { record, target } = run;
  record.waiting = null;
  record.stopWaves();
  record.move({ type: 'rollback-begun', reason }, `rolling back: ${reason}`);
  record.journal.record('rollback-started', reason);
  const { left, problems } = await takeAllBack(run, reason);
  if (left === 0) return close(run, { type: 'rolled-back' }, `rolled back: ${reason}`);
  const why = [reason, ...problems].join('; ');
  return close(
    run,
    { type: 'left-incomplete', reason: why, left },
    `rollback incomplete: ${counted(left, target.noun)} left; ${why}`,
  );
}

/** Stops, each kind of target in its way. A run whose effects could not be stopped is not cancelled, and does not say so. */
async function cancel(run: RunContext, reason: string): Promise<RunResult> {
  run.record.waiting = null;
  const problem = await run.target.cancel(run, reason);
  if (problem === null) return close(run, { type: 'cancelled', reason }, `cancelled: ${reason}`);
  const why = `cancel by ${reason}; ${problem}`;
  return close(run, { type: 'failed', reason: why }, `failed: ${why}`);
}

/** Nobody answered a breach in time: no further effect, and what is left on the new version is listed. */
async function leaveUnanswered(run: RunContext, summary: string): Promise<RunResult> {
  const { left, problem } = await run.target.leave(run);
  const reason = [`nobody answered in time: ${summary}`, ...(problem === null ? [] : [problem])].join('; ');
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
  const pin = pinAfter(run);
  if (pin !== null) run.place.pin(pin);
  // With the run's end, in one transaction and before its workflow closes: whoever finds it closed finds the pin.
  record.journal.record('run-ended', summary, { phase: state.phase, reason, left, ...(pin && { pin }) });
  return { phase: state.phase, reason, left };
}
