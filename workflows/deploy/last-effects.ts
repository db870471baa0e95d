// What a run still does to its fleet when it ends. None of it may keep the run from its end: what could not be done is
// journaled and named.
import { ActivityFailure } from '@temporalio/workflow';
import { counted } from '#domain/counted.ts';
import { addCounts, NO_COUNTS } from '#domain/fleet/counts.ts';
import type { RollbackOutcome } from '#domain/ports/fleet.port.ts';
import type { Compensation } from '../runtime/compensation.ts';
import { reasonOf } from '../runtime/failure-reason.ts';
import { fleetActivities, runRef, type RunContext } from './run-context.ts';
import { stopInput } from './way-back.ts';

/** Devices that are, or may be, on the new version; `problem` names what could not be done about them. */
interface Left {
  readonly left: number;
  readonly problem: string | null;
}

/** Undoes one effect. */
export async function takeBack(run: RunContext, entry: Compensation<RollbackOutcome>, reason: string): Promise<Left> {
  const back = await attempt(() => entry.undo(reason));
  if (back.kind === 'failed') return leftBehind(run, entry.id, `${entry.id} could not be taken back: ${back.why}`);
  const { offered, returned, left, examples } = back.value;
  const summary = `${returned} of ${offered} devices returned, ${left} left`;
  run.record.journal.record('rollback-ended', summary, { offered, returned, left, examples });
  return { left, problem: null };
}

/** Lists what stays on the new version, and offers nothing more. */
export async function leaveFleet(run: RunContext): Promise<Left> {
  const fleet = fleetActivities(run, 'list what is left on the new version');
  const listed = await attempt(() => fleet.leaveFleet(runRef(run)));
  if (listed.kind === 'failed') {
    return leftBehind(run, 'offers', `what is on the new version could not be listed: ${listed.why}`);
  }
  const { left, examples } = listed.value;
  run.record.journal.record('rollback-ended', `nothing taken back, ${left} left`, { left, examples });
  return { left, problem: null };
}

/** Takes back what is not installed yet; the result is null, or why that could not be done. */
export async function withdrawOffers(run: RunContext, reason: string): Promise<string | null> {
  const fleet = fleetActivities(run, 'withdraw what is not installed yet');
  const done = await attempt(() => fleet.withdrawOffers(stopInput(run, reason)));
  if (done.kind === 'failed') {
    const problem = `its offers could not be withdrawn: ${done.why}`;
    noteProblem(run, 'offers', problem);
    return problem;
  }
  const { withdrawn, acknowledged, unacknowledged } = done.value;
  const summary = `withdrawn from ${withdrawn} devices, ${acknowledged} acknowledged`;
  run.record.journal.record('step-ended', summary, { withdrawn, acknowledged, unacknowledged });
  return null;
}

/** The last resort for offers that could not be withdrawn; says what that came to. */
export async function holdWhatIsQueued(run: RunContext): Promise<string> {
  const fleet = fleetActivities(run, 'hold what is queued');
  const held = await attempt(() => fleet.holdOffers(runRef(run)));
  if (held.kind === 'done') return 'what is queued is held, devices in progress may still install';
  noteProblem(run, 'offers', `what is queued could not be held: ${held.why}`);
  return 'devices may still install what was offered to them';
}

async function leftBehind(run: RunContext, compensation: string, problem: string): Promise<Left> {
  noteProblem(run, compensation, problem);
  const held = await holdWhatIsQueued(run);
  const { left, how } = await countTouched(run);
  return { left: Math.max(1, left), problem: `${problem}; ${held}; ${how}` };
}

function noteProblem(run: RunContext, compensation: string, problem: string): void {
  run.record.journal.record('compensation-failed', problem, { compensation, why: problem });
}

async function countTouched(run: RunContext): Promise<{ left: number; how: string }> {
  const count = await attempt(() => fleetActivities(run, 'count what is left').countRun(runRef(run)));
  if (count.kind === 'done') {
    const { offered, queued } = count.value;
    return { left: offered - queued, how: `${counted(offered - queued, 'device')} may be on the new version` };
  }
  const known = run.record.view().waves.map(({ counts }) => counts ?? NO_COUNTS);
  const { offered } = known.reduce(addCounts, NO_COUNTS);
  return {
    left: offered,
    how: `devices not counted (${count.why}): at least ${offered} were offered the new version`,
  };
}

type Attempt<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'failed'; readonly why: string };

/** What an activity came to, its failure as a value; any other error is a bug and fails the workflow task. */
async function attempt<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { kind: 'done', value: await work() };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { kind: 'failed', why: reasonOf(error) };
  }
}
