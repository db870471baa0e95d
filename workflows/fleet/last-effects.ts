// What a rollout still does to its fleet when it ends. None of it may keep the run from its end: what could not be done is
// journaled and named.
import { counted } from '#domain/counted.ts';
import { addCounts, NO_COUNTS } from '#domain/fleet/counts.ts';
import type { OfferStep, Step } from '#domain/plan/steps.ts';
import { attempt } from '../deploy/attempt.ts';
import { runRef, type RunContext } from '../deploy/run-context.ts';
import type { Left } from '../deploy/run-target.ts';
import { noteProblem } from '../deploy/take-back.ts';
import { fleetActivities } from './fleet-activities.ts';
import { stopInput } from './way-back.ts';

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

/** Takes back what is not installed yet and leaves the rest; the result is null, or why that could not be done. */
export async function withdrawOffers(run: RunContext, reason: string): Promise<string | null> {
  if (run.compensations.isEmpty) return null;
  const fleet = fleetActivities(run, 'withdraw what is not installed yet');
  const done = await attempt(() => fleet.withdrawOffers(stopInput(run, reason)));
  if (done.kind === 'failed') {
    const problem = `its offers could not be withdrawn: ${done.why}`;
    noteProblem(run, 'offers', problem);
    return `${problem}; ${await holdWhatIsQueued(run)}`;
  }
  const { withdrawn, acknowledged, unacknowledged } = done.value;
  const summary = `withdrawn from ${withdrawn} devices, ${acknowledged} acknowledged`;
  run.record.journal.record('step-ended', summary, { withdrawn, acknowledged, unacknowledged });
  return null;
}

/** The last resort for offers that could not be withdrawn; says what that came to. */
async function holdWhatIsQueued(run: RunContext): Promise<string> {
  const fleet = fleetActivities(run, 'hold what is queued');
  const held = await attempt(() => fleet.holdOffers(runRef(run)));
  if (held.kind === 'done') return 'what is queued is held, devices in progress may still install';
  noteProblem(run, 'offers', `what is queued could not be held: ${held.why}`);
  return 'devices may still install what was offered to them';
}

/** Names what could not be taken back, holds what can be held, and counts who is concerned. */
export async function leftBehind(run: RunContext, compensation: string, problem: string): Promise<Left> {
  noteProblem(run, compensation, problem);
  const held = await holdWhatIsQueued(run);
  const { left, how } = await countTouched(run);
  return { left: Math.max(1, left), problem: `${problem}; ${held}; ${how}` };
}

async function countTouched(run: RunContext): Promise<{ left: number; how: string }> {
  const count = await attempt(() => fleetActivities(run, 'count what is left').countRun(runRef(run)));
  if (count.kind === 'done') {
    const { offered, queued } = count.value;
    return { left: offered - queued, how: `${counted(offered - queued, 'device')} may be on the new version` };
  }
  const { plan } = run.record.input;
  const staging = new Set(plan.steps.flatMap((step) => (isStaging(step) ? [step.wave] : [])));
  const switching = run.record.view().waves.filter(({ wave }) => !staging.has(wave));
  const known = switching.map(({ counts }) => counts ?? NO_COUNTS);
  const { offered } = known.reduce(addCounts, NO_COUNTS);
  return {
    left: offered,
    how: `devices not counted (${count.why}): at least ${offered} were offered the new version`,
  };
}

/** It brings no device onto the new version. */
const isStaging = (step: Step): step is OfferStep => step.kind === 'offer' && step.operation === 'stage';
