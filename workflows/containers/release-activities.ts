import { proxyActivities } from '@temporalio/workflow';
import type { ContainerPlan } from '#domain/plan/container-plan.ts';
import type { ReleaseActivities, UndoInput } from '#domain/ports/release.port.ts';
import { addMs } from '#domain/time.ts';
import { runRef, type RunContext } from '../deploy/run-context.ts';
import { now } from '../runtime/clock.ts';
import { releaseEffect, releaseUndo } from '../runtime/profiles.ts';

/** The activities of a release on this run's queue, with what people read beside them. */
export function releaseActivities({ record }: Pick<RunContext, 'record'>, summary: string): ReleaseActivities {
  return proxyActivities<ReleaseActivities>({ ...releaseEffect, taskQueue: record.input.queues.docker, summary });
}

/** The same for the way back, which nothing hurries but its own deadline. */
export function undoActivities({ record }: Pick<RunContext, 'record'>, summary: string): ReleaseActivities {
  return proxyActivities<ReleaseActivities>({ ...releaseUndo, taskQueue: record.input.queues.docker, summary });
}

/** What every undo needs: it ends at the environment's rollback time-out. */
export function undoInput(run: RunContext, reason: string): UndoInput {
  return { ...runRef(run), reason, deadlineAt: addMs(now(), run.record.input.plan.environment.rollbackTimeoutMs) };
}

/** The plan of a run that is known to be one of containers. */
export function containerPlan({ record }: Pick<RunContext, 'record'>): ContainerPlan {
  const { plan } = record.input;
  if (plan.kind === 'container-release') return plan;
  throw new Error(`a ${plan.kind} has no containers`);
}
