import type { Breach } from '#domain/fleet/accept-breach.ts';
import { failures, pending } from '#domain/fleet/counts.ts';
import { describeStep } from '#domain/plan/describe-step.ts';
import type { OfferStep } from '#domain/plan/steps.ts';
import type { WaveOutcome } from '#domain/ports/fleet.port.ts';
import type { Iso } from '#domain/time.ts';
import { runRef, type RunContext, type StepOutcome } from '../../deploy/run-context.ts';
import { fleetActivities } from '../fleet-activities.ts';
import { registerWayBack } from '../way-back.ts';

/** Offers the new version to one wave and waits until it ended well, too short, or badly. */
export async function runOffer(step: OfferStep, run: RunContext): Promise<StepOutcome> {
  const { record, stepTime, watch } = run;
  await snapshotTargets(run);
  registerWayBack(run);
  watch.start();
  record.noteWave(step.wave, 'offering', null);
  const outcome = await stepTime.spend({ id: step.id, totalMs: step.deadlineMs }, (deadlineAt) =>
    offer(step, run, deadlineAt),
  );
  if (outcome.kind === 'breach' || outcome.kind === 'stalled') {
    record.noteWave(step.wave, 'stopped', outcome.counts);
    return { kind: 'breach', breach: breachOf(outcome) };
  }
  const isUnfinished = outcome.unreleased > 0 && nobodyGoesOn(step, run);
  record.noteWave(step.wave, isUnfinished ? 'short' : outcome.kind, outcome.counts);
  return isUnfinished ? unfinished(step, outcome, run) : { kind: outcome.kind, summary: describeCounts(step, outcome) };
}

function breachOf(outcome: Extract<WaveOutcome, { kind: 'breach' | 'stalled' }>): Breach {
  const { summary, evidence } = outcome;
  const found = { kind: 'unhealthy', summary, evidence } as const;
  if (outcome.kind === 'stalled') return { ...found, criterion: 'progress' };
  return { ...found, criterion: 'failure-rate', failureRatePercent: outcome.failureRatePercent };
}

/** The last offer, or one that the next does not go on with: it activates. */
const nobodyGoesOn = (step: OfferStep, { record }: RunContext): boolean =>
  step.operation === 'stage' || record.input.plan.steps.findLast(({ kind }) => kind === 'offer')?.id === step.id;

/** What an earlier wave left over goes on in the next one. Where nobody goes on with it, it must not be dropped unsaid. */
function unfinished(step: OfferStep, outcome: WaveOutcome, { stepTime }: RunContext): StepOutcome {
  stepTime.renew(step.id);
  const { unreleased } = outcome;
  const devices = unreleased === 1 ? '1 device was' : `${unreleased} devices were`;
  const why = `${devices} not offered the version within the wave's time: resume goes on offering`;
  return { kind: 'unfinished', summary: `${why} (${describeCounts(step, outcome)})`, facts: { unreleased } };
}

/** As late as possible: what devices run now is what they go back to, and an approval may have taken months. */
async function snapshotTargets(run: RunContext): Promise<void> {
  if (!run.compensations.isEmpty) return;
  const {
    targets,
    alreadyCurrent,
    misfits = 0,
  } = await fleetActivities(run, 'snapshot the targets').prepareRollout(runRef(run));
  const left = misfits > 0 ? `, ${misfits} left out: the firmware does not fit them` : '';
  run.record.journal.record('targets-chosen', `${targets} targets, ${alreadyCurrent} already current${left}`, {
    targets,
    alreadyCurrent,
    misfits,
  });
}

function offer(step: OfferStep, run: RunContext, deadlineAt: Iso): Promise<WaveOutcome> {
  const { wave, maximumPerMinute, successThresholdPercent, progressDeadlineMs } = step;
  const { criteria } = run.watch;
  return run.controls.holdable(() =>
    fleetActivities(run, describeStep(step)).offerWave({
      ...runRef(run),
      wave,
      maximumPerMinute,
      successThresholdPercent,
      criteria,
      ...(progressDeadlineMs !== undefined && { progressDeadlineMs }),
      deadlineAt,
    }),
  );
}

function describeCounts(step: OfferStep, { counts, unreleased }: WaveOutcome): string {
  const open = pending(counts) > 0 ? `, ${pending(counts)} pending` : '';
  const back = unreleased > 0 ? `, ${unreleased} not offered yet under the rate limit` : '';
  return `wave ${step.wave}: ${counts.succeeded} of ${counts.offered} succeeded, ${failures(counts)} failed${open}${back}`;
}
