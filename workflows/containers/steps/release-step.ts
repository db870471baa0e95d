import { ActivityFailure, CancellationScope, isCancellation } from '@temporalio/workflow';
import { assertNever } from '#domain/assert-never.ts';
import { describeStep } from '#domain/plan/describe-step.ts';
import type { PlannedApplication } from '#domain/plan/container-plan.ts';
import type { ReleaseStep } from '#domain/plan/steps.ts';
import type { WatchPlan } from '#domain/plan/plan-base.ts';
import type { LookingFirst, WatchedOutcome } from '#domain/ports/release.port.ts';
import { addMs, formatDuration } from '#domain/time.ts';
import { runRef, type RunContext, type StepOutcome } from '../../deploy/run-context.ts';
import type { TargetStep } from '../../deploy/run-target.ts';
import { now } from '../../runtime/clock.ts';
import { lookWithEffect, type Unseen } from '../look-with-effect.ts';
import { prepareRelease } from '../prepare.ts';
import { containerPlan, releaseActivities } from '../release-activities.ts';
import { runHookStep } from './hook.step.ts';
import { noteProgress } from './note-progress.ts';

/** Takes one step of a release, under the progress deadline: a step that gets nowhere for so long fails the run. */
export async function runReleaseStep(step: TargetStep, run: RunContext): Promise<StepOutcome> {
  if (step.kind === 'offer') return { kind: 'failed', summary: 'an application has no waves of devices' };
  if (step.kind === 'deploy') return { kind: 'failed', summary: 'an application has no members' };
  // The run's own look is outside the deadline: it is no lack of progress that nothing can be seen.
  return lookWithEffect(run, (look) => beforeDeadline(step, run, look));
}

type Taken = StepOutcome | Unseen;

async function beforeDeadline(step: ReleaseStep, run: RunContext, look: WatchPlan | null): Promise<Taken> {
  const deadlineMs = deadlineOf(step, run);
  const scope = new CancellationScope({ cancellable: true, timeout: deadlineMs });
  try {
    return await scope.run(() => takeStep(step, run, look));
  } catch (error) {
    // The scope alone was cancelled, by its own timer, or its activity ended late because of it.
    const isOver = scope.consideredCancelled && !run.record.interrupt;
    if (isOver && (isCancellation(error) || error instanceof ActivityFailure)) {
      return { kind: 'failed', summary: `${describeStep(step)}: no progress within ${formatDuration(deadlineMs)}` };
    }
    throw error;
  }
}

async function takeStep(step: ReleaseStep, run: RunContext, look: WatchPlan | null): Promise<Taken> {
  if (step.kind === 'hook') return runHookStep(step, run);
  await prepareRelease(run);
  const outcome = await run.record.journal.carriedBy((carried) => effectOf(step, run, { ...carried, look }));
  if (outcome.kind === 'breach' || outcome.kind === 'unseen') return outcome;
  if (outcome.kind === 'unhealthy') {
    return { kind: 'failed', summary: outcome.summary, facts: { evidence: outcome.evidence } };
  }
  noteProgress(step, run);
  // What serves from here on is looked at until the verdict.
  if (step.kind === 'verify') run.watch.start();
  return { kind: 'passed', summary: outcome.summary, facts: outcome.facts };
}

type Effect = Exclude<ReleaseStep, { kind: 'hook' }>;

function effectOf(
  step: Effect,
  run: RunContext,
  { look, ...carried }: Pick<LookingFirst, 'look' | 'journal'>,
): Promise<WatchedOutcome> {
  const activities = releaseActivities(run, describeStep(step));
  const ref = { ...runRef(run), ...carried };
  switch (step.kind) {
    case 'pull':
      return activities.pullImage(ref);
    case 'stage':
      return activities.stageInstances({ ...ref, step: step.id, replicas: step.replicas });
    case 'verify': {
      const { id, replicas, join, deadlineMs } = step;
      const deadlineAt = addMs(now(), deadlineMs);
      const before = join === 'among' ? look : null;
      return activities.verifyInstances({ ...ref, look: before, step: id, replicas, join, deadlineAt });
    }
    case 'shift': {
      const { weightBasisPoints, timeoutMs } = step;
      return activities.shiftTraffic({ ...ref, look, weightBasisPoints, deadlineAt: addMs(now(), timeoutMs) });
    }
    case 'retire':
      return activities.retireInstances({ ...ref, look, keep: step.keep });
    case 'hold':
      return step.action === 'begin'
        ? activities.holdRequests({ ...ref, until: addMs(now(), step.maximumMs) })
        : activities.releaseRequests(ref);
    default:
      return assertNever(step);
  }
}

/** For a step that ends by a time of its own to store what it saw: cut short it would leave no evidence. */
const SETTLING_MS = 60_000;

function deadlineOf(step: ReleaseStep, run: RunContext): number {
  const { rules, application } = containerPlan(run);
  const ownMs = ownTimeMs(step, application);
  return ownMs === null ? rules.progressDeadlineMs : Math.max(rules.progressDeadlineMs, ownMs + SETTLING_MS);
}

/** Steps that bring a time of their own may take it. */
function ownTimeMs(step: ReleaseStep, { drainMs, container }: PlannedApplication): number | null {
  switch (step.kind) {
    case 'verify':
      return step.deadlineMs;
    case 'shift':
      return step.timeoutMs;
    case 'retire':
      return drainMs + container.stopGraceMs;
    case 'hook':
      return step.hook.action.timeoutMs;
    default:
      return null;
  }
}
