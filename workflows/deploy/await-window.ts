import { CancelledFailure, condition } from '@temporalio/workflow';
import type { Step } from '#domain/plan/steps.ts';
import { waitOf } from '#domain/run/run-state.ts';
import type { Hold } from '#domain/windows/clearance.ts';
import { msUntil, now } from '../runtime/clock.ts';
import type { RunContext, StepOutcome } from './run-context.ts';
import { stepAside } from './step-aside.ts';

/**
 * True for a step that begins nothing while the run's windows are closed. Gates, approvals and bakes change nothing, so they
 * go on; and requests that wait at the router must not wait for a window.
 */
export const waitsForWindow = ({ kind }: Step, { record }: RunContext): boolean =>
  !record.opening.isAlways &&
  kind !== 'gate' &&
  kind !== 'approve' &&
  kind !== 'bake' &&
  record.traffic?.isHolding !== true;

/**
 * Parks the run until its windows are open and its time has come, or until somebody starts it now. A pause holds it, every
 * other command is answered at once. The result is null, or that its scheduled time is over: then a person is asked.
 */
export async function awaitWindow(run: RunContext): Promise<StepOutcome | null> {
  const { record } = run;
  for (;;) {
    const clearance = record.opening.clearance(now());
    switch (clearance.kind) {
      case 'wait':
        await park(clearance, run);
        // A pause that came in the same moment as the opening must not be passed over.
        if (run.controls.isPauseWanted) throw new CancelledFailure('held');
        break;
      case 'over': {
        record.opening.noteEndAsked();
        leave(run, 'its scheduled time is over');
        const summary = `its scheduled time ended at ${clearance.endedAt}: resume goes on, roll back or cancel ends it`;
        return { kind: 'unfinished', summary };
      }
      case 'go':
        leave(run, whyOn(run));
        return null;
    }
  }
}

async function park(hold: Hold, run: RunContext): Promise<void> {
  const { record, controls } = run;
  const { opensAt, heldBy, reason, windows } = hold;
  const before = waitOf(record.state);
  // Held by a pause meanwhile, it goes on waiting as it did.
  if (before?.opensAt !== opensAt || before.reason !== reason) {
    const until = opensAt === null ? 'it does not open by itself' : `opens ${opensAt}`;
    record.journal.record('window-closed', `${reason}; ${until}`, { heldBy, windows, opensAt, reason }, 'later');
    record.move({ type: 'window-awaited', opensAt, heldBy, reason }, `waits for its ${heldBy}: ${until}`);
  }
  if (run.place.isWanted) await stepAside(run);
  const isStarted = (): boolean => record.opening.startedNow(now()) !== null;
  const again = record.opening.lookAgainAt(opensAt);
  const summary = heldBy === 'window' ? 'until the window opens' : 'until its scheduled time';
  await controls.holdable(() =>
    controls.resting(async () => {
      if (again === null) await condition(isStarted);
      else await condition(isStarted, msUntil(again), { summary });
    }),
  );
}

function leave({ record }: RunContext, summary: string): void {
  if (waitOf(record.state) !== null) record.move({ type: 'proceeded' }, summary);
}

function whyOn({ record }: RunContext): string {
  const said = record.opening.startedNow(now());
  return said === null ? 'the window is open' : `goes on before its time: ${said.by}: ${said.reason}`;
}
